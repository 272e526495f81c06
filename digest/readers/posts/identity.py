"""Decides which feed entries are the same post.

`KnownPosts.find` applies the rules in this order, each to the entries that are left. In one
document a stored post is found once at most, so two entries never become one post:

1. **Identifier**: equal within a feed. Not if the document gives it to several links, if it is a
   site's front page, or if link, title, text and day all differ.
2. **Permanent link**: an identifier that is a link, equal in any feed.
3. **Link**: equal link keys, if only one entry of the document has the link. For a link to a mobile
   page the titles must be equal, too. Not if the identifiers within the feed differ and the texts
   and dates, too: then several posts link to the same page.
4. **Text**: title, text and day equal within a feed, because a site that moved changes the rest.
   Entries with neither identifier nor link match by text alone, without a date.
5. **Name**: title and day equal, at least one of the two without a link, in a feed that changes
   its identifiers in this document.

If no rule matches, the entries are different posts: a story twice is better than a missing story.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import cached_property
from itertools import pairwise

from digest.models import KnownPost, ParsedPost
from digest.text.html import bare_words
from digest.text.links import http_url, is_mobile, is_permalink, url_key
from digest.text.titles import title_key

#: A shorter text does not identify a post.
_MIN_WORDS_CHARS = 40
#: Why a post cannot be shown.
UNUSABLE = "neither link, title nor text"
_DAY = timedelta(days=1)
#: Texts that share this part of the shorter one's words are versions of one text.
_LIKE = 0.5
_MIN_TERMS = 8
_MAX_WORD_CHARS = 20
#: Characters of a text that are compared; the beginning is enough.
_MAX_COMPARED_CHARS = 20_000


class _Known(KnownPost):
    """A stored post that caches the words of its text: many entries are compared with it."""

    @classmethod
    def of(cls, known: KnownPost) -> _Known:
        """Return a copy of `known` that can cache its words."""
        return cls(**{name: getattr(known, name) for name in KnownPost.__slots__})

    @cached_property
    def words(self) -> str:
        """The words of its text, for comparison."""
        return bare_words(self.html)


class KnownPosts:
    """Finds the stored posts of a document's entries."""

    def __init__(self, known: Iterable[KnownPost]) -> None:
        self._known = tuple(map(_Known.of, known))

    def find(self, entries: tuple[Entry, ...]) -> tuple[KnownPost | None, ...]:
        """Return the stored post of each entry of one document; None for a new post."""
        found = _Found(entries)
        by_guid = self._by(lambda known: known.guid)
        found.take(_is_by_guid, by_guid, lambda each: each.post.guid)
        found.take(_is_by_permalink, by_guid, lambda each: each.post.guid)
        by_key = self._by(lambda known: known.url_key)
        changes_guids = _changes_guids(entries, by_key)
        is_by_link = _is_by_link_alone if changes_guids else _is_by_link
        found.take(is_by_link, by_key, lambda each: each.key)
        by_title = self._by(lambda known: title_key(known.title))
        found.take(_is_by_text, by_title, lambda each: title_key(each.post.title))
        if changes_guids:
            found.take(_is_by_name, by_title, lambda each: title_key(each.post.title))
        return tuple(found.posts)

    def _by(self, name: Callable[[_Known], str]) -> defaultdict[str, list[_Known]]:
        """Return the stored posts by a name, which may be empty, in the given order."""
        named: defaultdict[str, list[_Known]] = defaultdict(list)
        for known in self._known:
            named[name(known)].append(known)
        return named


class _Found:
    """The stored posts found for the entries of a document, filled rule by rule."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self.posts: list[_Known | None] = [None] * len(entries)
        self._taken: set[int] = set()

    def take(
        self,
        is_same: Callable[[Entry, _Known], bool],
        candidates: defaultdict[str, list[_Known]],
        name: Callable[[Entry], str],
    ) -> None:
        """Assign to each open entry the first free candidate of its name that is the same post."""
        for index, each in enumerate(self.entries if candidates else ()):
            if self.posts[index] is not None:
                continue
            # Of several candidates, one with the same link comes first.
            near = sorted(
                candidates.get(name(each), ()), key=lambda known: known.url_key != each.key
            )
            for known in near:
                if known.post_id not in self._taken and is_same(each, known):
                    self.posts[index] = known
                    self._taken.add(known.post_id)
                    break


def _is_by_guid(asked: Entry, known: _Known) -> bool:
    if not (known.is_of_feed and asked.post.guid and asked.post.guid == known.guid):
        return False
    has_moved = bool(asked.key and known.url_key) and asked.key != known.url_key
    is_other = not _has_same_title(asked, known) and _is_apart(asked, known)
    return not (has_moved and is_other and _has_other_words(asked, known))


def _is_by_permalink(asked: Entry, known: _Known) -> bool:
    return asked.post.guid == known.guid and not known.is_of_feed and is_permalink(known.guid)


def _is_by_link(asked: Entry, known: _Known) -> bool:
    return _is_by_link_alone(asked, known) and not _is_other_page(asked, known)


def _is_by_link_alone(asked: Entry, known: _Known) -> bool:
    if not asked.key or asked.key != known.url_key:
        return False
    is_sure = not (is_mobile(asked.post.url) or is_mobile(known.url))
    return is_sure or _has_same_title(asked, known)


def _is_by_text(asked: Entry, known: _Known) -> bool:
    """Return whether two posts with one title are the same by their text and day."""
    is_bare = not (asked.post.guid or asked.key or known.guid or known.url_key)
    is_long = len(asked.words) >= _MIN_WORDS_CHARS
    is_one_day = _is_one_day(asked, known)
    is_likely = is_one_day is not False if is_bare else is_one_day is True and is_long
    return known.is_of_feed and is_likely and asked.words == known.words


def _is_by_name(asked: Entry, known: _Known) -> bool:
    """Return whether two posts with one title are the same by day, in a feed that changes guids."""
    is_known = known.is_of_feed and bool(asked.post.title)
    return is_known and not (asked.key and known.url_key) and _is_one_day(asked, known) is True


def _changes_guids(asked: tuple[Entry, ...], by_key: defaultdict[str, list[_Known]]) -> bool:
    """Return whether stored posts have other identifiers in this document, by links and texts.

    A page that several posts link to may repeat its text, so a single proof needs the same day.
    """
    proofs = [
        _is_one_day(each, known)
        for each in asked
        if each.key
        for known in by_key[each.key]
        if _is_renamed(each, known) and _is_by_link_alone(each, known)
    ]
    return True in proofs or len(proofs) > 1


def _is_renamed(asked: Entry, known: _Known) -> bool:
    has_both = known.is_of_feed and bool(asked.post.guid and known.guid)
    return has_both and asked.post.guid != known.guid and asked.words == known.words


def _is_other_page(asked: Entry, known: _Known) -> bool:
    """Return whether the stored post is a different one with the same link, by text and date.

    If the dates differ by a day or more, any change of the text counts; otherwise, or without
    dates, most words must differ.
    """
    if not (known.is_of_feed and asked.post.guid and known.guid) or asked.words == known.words:
        return False
    date = asked.post.published_at
    # Midnight is the time of a date without one.
    is_one_time = date is not None and date == known.published_at and date.time() != time()
    return _is_apart(asked, known) or (not is_one_time and _has_other_words(asked, known))


def _is_apart(asked: Entry, known: _Known) -> bool:
    one, other = asked.post.published_at, known.published_at
    return one is not None and other is not None and abs(one - other) >= _DAY


def _has_other_words(asked: Entry, known: _Known) -> bool:
    """Return whether two texts share less than half of the shorter one's words.

    If there are too few words, the titles decide.
    """
    one, other = _terms(asked.words), _terms(known.words)
    fewer = min(len(one), len(other))
    if fewer < _MIN_TERMS:
        has_titles = bool(asked.post.title and known.title)
        return has_titles and not _has_same_title(asked, known)
    return len(one & other) < fewer * _LIKE


def _terms(words: str) -> frozenset[str]:
    """Return the words; a very long one, of a script without spaces, as pairs of characters."""
    terms: set[str] = set()
    for word in words[:_MAX_COMPARED_CHARS].casefold().split():
        is_whole = len(word) <= _MAX_WORD_CHARS
        terms.update((word,) if is_whole else map("".join, pairwise(word)))
    return frozenset(terms)


def _has_same_title(asked: Entry, known: _Known) -> bool:
    return title_key(asked.post.title) == title_key(known.title)


def _is_one_day(asked: Entry, known: _Known) -> bool | None:
    """Return whether both have the same day in UTC; None if a date is unknown."""
    if asked.post.published_at is None or known.published_at is None:
        return None
    return asked.post.published_at.date() == known.published_at.date()


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
    """Return each post of a document once: the first with its guid, or its link if it has no guid.

    Posts with neither, or with a link to a front page, are compared by title, text and time. An
    identifier that does not identify one post becomes empty.
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
    if url_key(post.url, keep_fragment=True):
        return "link", post.url
    return "text", f"{post.published_at} {Entry(post=post, key='').content_hash}"
