"""What makes two entries of feeds one post.

The feed's own identifier first, then the link. Links are compared by `url_key`, and only where
they name one post: a link that several posts of a document share names none of them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from digest.models import ParsedPost
from digest.text.html import bare_words
from digest.text.links import http_url, url_key


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """A stored post under one of its identities, as far as intake needs it."""

    post_id: int
    #: Its identifier and link key in one of the feeds that carry it.
    guid: str
    url_key: str
    content_hash: str
    #: Whether that identity is in the feed being read.
    is_of_feed: bool
    #: Whether the feed being read brought the post first; only that one may change it.
    is_owner: bool


class KnownPosts:
    """Looks stored posts up by what identifies them."""

    def __init__(self, known: Iterable[KnownPost]) -> None:
        known = tuple(known)
        self._by_own_guid = {post.guid: post for post in known if post.is_of_feed and post.guid}
        self._by_permalink = {post.guid: post for post in known if http_url(post.guid)}
        self._by_link = {post.url_key: post for post in known if post.url_key}

    def find(
        self, posts: tuple[ParsedPost, ...], keys: tuple[str, ...]
    ) -> tuple[KnownPost | None, ...]:
        """Give the stored post that each post of one document is.

        An identifier counts in its own feed; in another one only where it is a permanent link,
        for `1` or `post-7` is unique in one feed only. A stored post is found once at most, by
        its identifier before its link: two entries of one document are never one.
        """
        found = [self._of_guid(post.guid) for post in posts]
        taken = {post.post_id for post in found if post}
        for index, key in enumerate(keys):
            linked = None if found[index] else self._by_link.get(key)
            if linked and linked.post_id not in taken:
                found[index] = linked
                taken.add(linked.post_id)
        return tuple(found)

    def _of_guid(self, guid: str) -> KnownPost | None:
        return self._by_own_guid.get(guid) or self._by_permalink.get(guid)


def link_keys(posts: tuple[ParsedPost, ...]) -> tuple[str, ...]:
    """Give the link key of each post of one document; empty where its link names no one post.

    A fragment counts only where links would be equal without it.
    """
    plain = [url_key(post.url) for post in posts]
    shared = Counter(plain)
    keys = [
        key if shared[key] == 1 else url_key(post.url, keep_fragment=True)
        for key, post in zip(plain, posts, strict=True)
    ]
    counts = Counter(keys)
    return tuple(key if counts[key] == 1 else "" for key in keys)


def distinct(posts: Iterable[ParsedPost]) -> tuple[ParsedPost, ...]:
    """Give each post of a document once: the first of those with one guid, or one link and none.

    What has neither is known by its title and text.
    """
    return tuple({_name(post): post for post in reversed(tuple(posts))}.values())[::-1]


def content_hash(post: ParsedPost) -> str:
    """Give a hash of the words and links that a reader would see.

    Counts of comments and the markup around the words do not change it.
    """
    text = bare_words(post.content_html or post.summary_html)
    seen = "\0".join((post.title, post.url, post.author, post.image_url, text))
    return hashlib.sha256(seen.encode()).hexdigest()


def _name(post: ParsedPost) -> tuple[str, str]:
    if post.guid:
        return "guid", post.guid
    return ("link", post.url) if post.url else ("text", content_hash(post))
