"""The entries of one document: each post once, with what it is told from others by."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from digest.models import ParsedPost
from digest.text.html import bare_words
from digest.text.links import http_url, url_key


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A post of the document, its identifier empty where it identifies nothing."""

    post: ParsedPost
    #: Of its link; empty where that names no one post.
    key: str

    @cached_property
    def words(self) -> str:
        """Its text's words, else its summary's, to compare by."""
        return bare_words(self.post.content_html or self.post.summary_html)

    @cached_property
    def content_hash(self) -> str:
        """A hash of the words and links that a reader would see.

        Counts of comments and the markup around the words do not change it.
        """
        post = self.post
        seen = (post.title, post.url, post.author, post.image_url, self.words)
        return hashlib.sha256("\0".join(seen).encode()).hexdigest()


def entries_of(posts: Iterable[ParsedPost]) -> tuple[Entry, ...]:
    """Give the entries of a document, without posts that have neither link nor title."""
    named = tuple(post for post in distinct(posts) if is_usable(post))
    return tuple(
        Entry(post=post, key=key) for post, key in zip(named, link_keys(named), strict=True)
    )


def is_usable(post: ParsedPost) -> bool:
    """Whether anything could be shown of a post."""
    return bool(post.url or post.title)


def own_guids(posts: Sequence[ParsedPost]) -> tuple[str, ...]:
    """Give the identifier of each post of one document; empty where it identifies nothing.

    That is where the document gives one to several links, or where it is a site's front page.
    """
    links: defaultdict[str, set[str]] = defaultdict(set)
    for post in posts:
        if key := url_key(post.url, keep_fragment=True):
            links[post.guid].add(key)
    return tuple(
        "" if len(links[post.guid]) > 1 or _is_front_page(post.guid) else post.guid
        for post in posts
    )


def _is_front_page(guid: str) -> bool:
    return not url_key(guid, keep_fragment=True) and bool(http_url(guid))


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

    What has neither is known by its title, text and time. An identifier that identifies nothing is
    taken away.
    """
    posts = tuple(posts)
    held = tuple(
        post if guid == post.guid else replace(post, guid=guid)
        for post, guid in zip(posts, own_guids(posts), strict=True)
    )
    return tuple({_name(post): post for post in reversed(held)}.values())[::-1]


def _name(post: ParsedPost) -> tuple[str, str]:
    if post.guid:
        return "guid", post.guid
    if post.url:
        return "link", post.url
    return "text", f"{post.published_at} {Entry(post=post, key='').content_hash}"
