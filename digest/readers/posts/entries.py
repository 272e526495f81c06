"""Makes the list of entries of one document: each post once, with the keys that identify it."""

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
    """A post of the document; its identifier is empty if it does not identify one post."""

    post: ParsedPost
    #: Key of its link; empty if the link does not identify one post.
    key: str

    @cached_property
    def words(self) -> str:
        """The words of its text, else of its summary, for comparison."""
        return bare_words(self.post.content_html or self.post.summary_html)

    @cached_property
    def content_hash(self) -> str:
        """A hash of the visible content: title, link, author, picture and words.

        The number of comments and changes of the markup do not change it.
        """
        post = self.post
        seen = (post.title, post.url, post.author, post.image_url, self.words)
        return hashlib.sha256("\0".join(seen).encode()).hexdigest()


def entries_of(posts: Iterable[ParsedPost]) -> tuple[Entry, ...]:
    """Return the entries of a document; posts with neither link nor title are left out."""
    named = tuple(post for post in distinct(posts) if is_usable(post))
    return tuple(
        Entry(post=post, key=key) for post, key in zip(named, link_keys(named), strict=True)
    )


def is_usable(post: ParsedPost) -> bool:
    """Return whether a post can be shown: it has a link or a title."""
    return bool(post.url or post.title)


def own_guids(posts: Sequence[ParsedPost]) -> tuple[str, ...]:
    """Return the identifier of each post of one document; empty if it does not identify one post.

    That is if the document gives it to several links, or if it is a site's front page.
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
    """Return the link key of each post of one document; empty if it does not identify one post.

    A fragment counts only if links would be equal without it.
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
    """Return each post of a document once: the first with its guid, or its link if it has no guid.

    Posts with neither are compared by title, text and time. An identifier that does not identify
    one post becomes empty.
    """
    posts = tuple(posts)
    checked = tuple(
        post if guid == post.guid else replace(post, guid=guid)
        for post, guid in zip(posts, own_guids(posts), strict=True)
    )
    return tuple({_name(post): post for post in reversed(checked)}.values())[::-1]


def _name(post: ParsedPost) -> tuple[str, str]:
    if post.guid:
        return "guid", post.guid
    if post.url:
        return "link", post.url
    return "text", f"{post.published_at} {Entry(post=post, key='').content_hash}"
