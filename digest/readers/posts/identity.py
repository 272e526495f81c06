"""Decides which feed entries are the same post.

`KnownPosts.find` applies the rules in this order, each to the entries that are left. In one
document a stored post is found once at most, so two entries never become one post:

1. **Identifier**: equal within a feed. Not if the document gives it to several links, if it is a
   site's front page, or if title, text and day of publication (without one, the link) all differ:
   then the feed uses one identifier for several posts.
2. **Permanent link**: an identifier that is a link, equal in any feed.
3. **Whole link**: equal links with their fragments, within a feed.
4. **Link**: equal link keys, if only one entry of the document has the link. For a link to a mobile
   page the titles must be equal, too. Not if within the feed the identifiers, the texts and the
   dates differ, or title, text and day: then several posts link to the same page.
5. **Page**: equal links without fragments within a feed, also if several entries have the link.
   Only with equal texts, or with the same instant of publication and similar texts.
6. **Text**: title, text and day equal within a feed, because a site that moved changes the rest.
   Entries with neither identifier nor link match by text alone, without a date.
7. **Instant**: title and instant of publication equal within a feed. A day without a time of day,
   and midnight exactly, is not an instant.
8. **Name**: title and day equal, at least one of the two without a link, in a feed that changes
   its identifiers in this document.
9. **Relaunch**: the document has many entries that rules 1 to 5 did not find, and nearly all of
   them have the title of one stored post; see `_relaunched`.

If no rule matches, the entries are different posts: a story twice is better than a missing story.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from digest.models import KnownPost, ParsedPost
from digest.readers.feeds.dates import is_instant
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
#: A relaunch: at least this many entries with titles that no identifier and no link finds, …
_MIN_RELAUNCHED = 5
#: … of which this share has the title of one stored post, …
_RELAUNCHED = 0.8
#: … dated at most this far apart, or with similar texts.
_RELAUNCH_APART = timedelta(days=3)


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

    @cached_property
    def terms(self) -> frozenset[str]:
        """The different words of its text."""
        return _terms(self.words)

    @cached_property
    def title_key(self) -> str:
        """The key of its title."""
        return title_key(self.title)

    @cached_property
    def whole_link(self) -> str:
        """The key of its link with the fragment."""
        return url_key(self.url, keep_fragment=True)

    @cached_property
    def page(self) -> str:
        """The key of its link without the fragment."""
        return url_key(self.url)


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
        found.take(_is_by_whole_link, self._by(lambda known: known.whole_link), _whole_link)
        by_key = self._by(lambda known: known.url_key)
        changes_guids = _changes_guids(entries, by_key)
        is_by_link = _is_by_link_alone if changes_guids else _is_by_link
        found.take(is_by_link, by_key, lambda each: each.key)
        found.take(_is_by_page, self._by(_page_and_day), _page_and_day)
        unknown = found.open
        if not unknown:
            return tuple(found.posts)
        titles = {entries[index].title_key for index in unknown}
        by_text = self._by(lambda known: _text(known) if known.title_key in titles else None)
        found.take(_is_by_text, by_text, _text)
        found.take(_is_by_instant, self._by(_title_and_instant), _title_and_instant)
        if changes_guids:
            found.take(_is_by_name, self._by(_title_and_day), _title_and_day)
        found.pair(_relaunched(found, unknown, self._known))
        return tuple(found.posts)

    def _by(self, name: Callable[[_Known], Hashable]) -> defaultdict[Hashable, list[_Known]]:
        """Return the stored posts by a name, in the given order."""
        named: defaultdict[Hashable, list[_Known]] = defaultdict(list)
        for known in self._known:
            named[name(known)].append(known)
        return named


class _Found:
    """The stored posts found for the entries of a document, filled rule by rule."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self.posts: list[_Known | None] = [None] * len(entries)
        self.taken: set[int] = set()

    @property
    def open(self) -> tuple[int, ...]:
        """The positions of the entries without a stored post."""
        return tuple(index for index, known in enumerate(self.posts) if known is None)

    def take(
        self,
        is_same: Callable[[Entry, _Known], bool],
        candidates: defaultdict[Hashable, list[_Known]],
        name: Callable[[Entry], Hashable],
    ) -> None:
        """Assign to each open entry the first free candidate of its name that is the same post.

        An entry with an empty name has no candidates.
        """
        for index in self.open if candidates else ():
            each = self.entries[index]
            named = name(each)
            near = candidates.get(named, ()) if named else ()
            for known in _same_link_first(near, each.key):
                if known.post_id not in self.taken and is_same(each, known):
                    self.pair(((index, known),))
                    break

    def pair(self, pairs: Iterable[tuple[int, _Known]]) -> None:
        """Assign stored posts to entries, by position."""
        for index, known in pairs:
            self.posts[index] = known
            self.taken.add(known.post_id)


def _same_link_first(candidates: Sequence[_Known], key: str) -> Iterator[_Known]:
    """Yield the candidates in order, those with this link key before the others."""
    yield from (known for known in candidates if known.url_key == key)
    yield from (known for known in candidates if known.url_key != key)


def _whole_link(asked: Entry) -> str:
    return asked.whole_link


def _page_and_day(each: Entry | _Known) -> tuple[str, object] | None:
    return (each.page, _day_of(each)) if each.page else None


def _text(each: Entry | _Known) -> tuple[str, str]:
    return each.title_key, each.words


def _title_and_day(each: Entry | _Known) -> tuple[str, object] | None:
    return (each.title_key, _day_of(each)) if each.title_key else None


def _title_and_instant(each: Entry | _Known) -> tuple[str, datetime] | None:
    date = _date_of(each)
    return (each.title_key, date) if each.title_key and date else None


def _relaunched(
    found: _Found, unknown: Sequence[int], known: Iterable[_Known]
) -> tuple[tuple[int, _Known], ...]:
    """Return the entries of a site that was moved to another system, with their stored posts.

    Args:
        found: what the other rules found.
        unknown: the positions of the entries that no identifier and no link found.
        known: the stored posts.
    """
    titled = sum(bool(found.entries[index].title_key) for index in unknown)
    if titled < _MIN_RELAUNCHED:
        return ()
    listed = Counter(each.title_key for each in found.entries)
    named: defaultdict[str, dict[int, _Known]] = defaultdict(dict)
    for each in known:
        if each.is_of_feed and each.title_key:
            named[each.title_key][each.post_id] = each
    pairs = []
    for index in found.open:
        asked = found.entries[index]
        of_title = tuple(named.get(asked.title_key, {}).values())
        if listed[asked.title_key] == 1 and len(of_title) == 1:
            (only,) = of_title
            if only.post_id not in found.taken and _is_relaunched(asked, only):
                pairs.append((index, only))
    told = len(unknown) - len(found.open)
    return tuple(pairs) if told + len(pairs) >= _RELAUNCHED * len(unknown) else ()


def _is_relaunched(asked: Entry, known: _Known) -> bool:
    """Return whether two posts with one title are one, in a feed that was moved."""
    one, other = asked.post.published_at, known.published_at
    if one and other and abs(one - other) <= _RELAUNCH_APART:
        return True
    has_words = min(len(asked.terms), len(known.terms)) >= _MIN_TERMS
    if not has_words:
        return not (one and other)
    return not _has_other_words(asked, known)


def _is_by_guid(asked: Entry, known: _Known) -> bool:
    is_named = known.is_of_feed and asked.post.guid == known.guid
    return is_named and not _is_other_post(asked, known)


def _is_other_post(asked: Entry, known: _Known) -> bool:
    """Return whether a feed uses one name for two posts: title, text and day all differ.

    Without a day, the links differ instead.
    """
    if _has_same_title(asked, known) or not _has_other_words(asked, known):
        return False
    is_one_day = _is_one_day(asked, known)
    if is_one_day is None:
        return bool(asked.key and known.url_key) and asked.key != known.url_key
    return not is_one_day


def _is_by_permalink(asked: Entry, known: _Known) -> bool:
    return asked.post.guid == known.guid and not known.is_of_feed and is_permalink(known.guid)


def _is_by_whole_link(asked: Entry, known: _Known) -> bool:
    """Return whether two links are equal with their fragments, which only one entry has."""
    has_one = known.is_of_feed and asked.has_fragment and bool(asked.key)
    return has_one and _is_sure(asked, known) and not _is_other_page(asked, known)


def _is_by_link(asked: Entry, known: _Known) -> bool:
    if not _is_by_link_alone(asked, known) or _is_other_page(asked, known):
        return False
    return not (known.is_of_feed and _is_other_post(asked, known))


def _is_by_link_alone(asked: Entry, known: _Known) -> bool:
    return bool(asked.key) and asked.key == known.url_key and _is_sure(asked, known)


def _is_sure(asked: Entry, known: _Known) -> bool:
    """Return whether equal links are surely one page: a mobile page may be another one."""
    has_mobile = is_mobile(asked.post.url) or is_mobile(known.url)
    return not has_mobile or _has_same_title(asked, known)


def _is_by_page(asked: Entry, known: _Known) -> bool:
    """Return whether two posts with links to one page, perhaps of many posts, are the same."""
    if not known.is_of_feed:
        return False
    if asked.words == known.words:
        return len(asked.words) >= _MIN_WORDS_CHARS
    return _is_one_instant(asked, known) and (
        _has_same_title(asked, known) or not _has_other_words(asked, known)
    )


def _is_by_text(asked: Entry, known: _Known) -> bool:
    """Return whether two posts with one title are the same by their text and day."""
    if not known.is_of_feed:
        return False
    is_bare = not (asked.post.guid or asked.key or known.guid or known.url_key)
    is_one_day = _is_one_day(asked, known)
    if is_bare:
        return is_one_day is not False
    return is_one_day is True and len(asked.words) >= _MIN_WORDS_CHARS


def _is_by_instant(asked: Entry, known: _Known) -> bool:
    return known.is_of_feed and _is_one_instant(asked, known)


def _is_by_name(asked: Entry, known: _Known) -> bool:
    """Return whether two posts with one title are the same by day, in a feed that changes guids."""
    is_known = known.is_of_feed and bool(asked.post.title)
    return is_known and not (asked.key and known.url_key) and _is_one_day(asked, known) is True


def _changes_guids(asked: tuple[Entry, ...], by_key: defaultdict[Hashable, list[_Known]]) -> bool:
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
    is_other = not _is_one_instant(asked, known) and _has_other_words(asked, known)
    return _is_apart(asked, known) or is_other


def _is_apart(asked: Entry, known: _Known) -> bool:
    one, other = asked.post.published_at, known.published_at
    return one is not None and other is not None and abs(one - other) >= _DAY


def _has_other_words(asked: Entry, known: _Known) -> bool:
    """Return whether two texts share less than half of the shorter one's words.

    If there are too few words, the titles decide.
    """
    one, other = asked.terms, known.terms
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
    return asked.title_key == known.title_key


def _is_one_day(asked: Entry, known: _Known) -> bool | None:
    """Return whether both have the same day in UTC; None if a date is unknown."""
    if asked.post.published_at is None or known.published_at is None:
        return None
    return asked.post.published_at.date() == known.published_at.date()


def _is_one_instant(asked: Entry, known: _Known) -> bool:
    """Return whether both were published at one instant."""
    date = asked.post.published_at
    return date is not None and date == known.published_at and asked.has_instant


def _date_of(each: Entry | _Known) -> datetime | None:
    return each.post.published_at if isinstance(each, Entry) else each.published_at


def _day_of(each: Entry | _Known) -> Hashable:
    date = _date_of(each)
    return date.date() if date else None


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
    def terms(self) -> frozenset[str]:
        """The different words of its text."""
        return _terms(self.words)

    @cached_property
    def title_key(self) -> str:
        """The key of its title."""
        return title_key(self.post.title)

    @cached_property
    def whole_link(self) -> str:
        """The key of its link with the fragment."""
        return url_key(self.post.url, keep_fragment=True)

    @cached_property
    def page(self) -> str:
        """The key of its link without the fragment."""
        return url_key(self.post.url)

    @property
    def has_fragment(self) -> bool:
        """Whether its link has a fragment."""
        return self.whole_link != self.page

    @cached_property
    def has_instant(self) -> bool:
        """Whether its date is an instant: it has a time of day other than midnight."""
        return is_instant(self.post.published_at, self.post.published_raw)

    @property
    def link_names(self) -> frozenset[str]:
        """Every key that the link of the same post may be stored with."""
        return frozenset(filter(None, (self.key, self.whole_link, self.page)))

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
        is_long = len(entry.words) >= _MIN_WORDS_CHARS
        place = (page,) if is_long else (entry.whole_link, post.published_at)
        yield *place, entry.title_key, entry.words


def _name(post: ParsedPost) -> Hashable:
    if post.guid:
        return "guid", post.guid
    entry = Entry(post=post, key="")
    if entry.whole_link:
        return "link", post.url, entry.title_key, _day_of(entry)
    return "text", post.published_at, entry.content_hash
