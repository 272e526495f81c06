"""Reads the posts of a document as entries: each once, and only those that can be shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace

from digest.models import ParsedPost
from digest.readers.posts.entry import MIN_WORDS_CHARS, Entry
from digest.readers.posts.likeness import day_of
from digest.text.html import bare_words
from digest.text.links import http_url, url_key

#: Why a post cannot be shown.
UNUSABLE = "neither link, title nor text"


def entries_of(posts: Iterable[ParsedPost]) -> tuple[Entry, ...]:
    """Return the entries of a document; posts with neither link, title nor text are left out."""
    named = tuple(post for post in distinct(posts) if is_usable(post))
    return tuple(
        Entry(post=post, key=key) for post, key in zip(named, link_keys(named), strict=True)
    )


def is_usable(post: ParsedPost) -> bool:
    """Return whether a post can be shown: it has a link, a title or a text."""
    return bool(post.url or post.title or bare_words(post.content_html or post.summary_html))


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
    """Return each post of a document once: the first with its guid.

    Posts without one are compared by link, title and day: a page may have several posts. Posts
    with neither, or with a link to a front page, are compared by title, text and time. An
    identifier that does not identify one post becomes empty. Posts with different identifiers are
    one only if link, title and text are all equal.
    """
    posts = tuple(posts)
    checked = tuple(
        post if guid == post.guid else replace(post, guid=guid)
        for post, guid in zip(posts, own_guids(posts), strict=True)
    )
    named = _first_of_each(checked, map(_name, checked))
    return _first_of_each(named, _faces(named))


def _first_of_each(
    posts: tuple[ParsedPost, ...], names: Iterable[Hashable]
) -> tuple[ParsedPost, ...]:
    """Return the first post of each name, in the given order."""
    named = tuple(zip(names, posts, strict=True))
    return tuple(dict(reversed(named)).values())[::-1]


def _faces(posts: tuple[ParsedPost, ...]) -> Iterator[Hashable]:
    """Yield what is equal for the entries of one post, in a document that has it several times.

    Only entries that link to one page can be one post. Without a long text the fragments of the
    links and the dates must be equal, too: one page may have many short posts.
    """
    pages = [url_key(post.url) for post in posts]
    shared = Counter(pages)
    for number, (post, page) in enumerate(zip(posts, pages, strict=True)):
        if not page or shared[page] == 1:
            yield number
            continue
        entry = Entry(post=post, key="")
        is_long = len(entry.words) >= MIN_WORDS_CHARS
        place = (page,) if is_long else (entry.whole_link, post.published_at)
        yield *place, entry.title_key, entry.words


def _name(post: ParsedPost) -> Hashable:
    if post.guid:
        return "guid", post.guid
    entry = Entry(post=post, key="")
    if entry.whole_link:
        return "link", post.url, entry.title_key, day_of(entry)
    return "text", post.published_at, entry.content_hash
