"""What makes two entries of feeds one post.

`KnownPosts.find` takes the rules in this order, each for what the ones before left over; a stored
post is found once at most in a document, so that two of its entries are never one:

1. **Identifier**: equal in the feed being read. Not where the document gives it to several links,
   where it is a site's front page, or where link, title, text and day are all others.
2. **Permanent link**: an identifier that is a link, equal in any feed.
3. **Link**: keys of links equal, where the link is one entry's alone in its document. For a link to
   a page's form for telephones the title must be equal, too. Not where identifiers of the feed
   differ, and texts and dates too: then it is a page that several posts lead to.
4. **Text**: title, text and day equal, within a feed: a site that moved changes the rest. What has
   neither identifier nor link is known by nothing else, and needs no date.
5. **Name**: title and day equal, one of the two without link of its own, in a feed that is seen in
   this document changing its identifiers.

What none of them tells to be one is two: a story twice is a smaller fault than a story never.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import time, timedelta
from functools import cached_property
from itertools import pairwise

from digest.models import KnownPost
from digest.readers.posts.entries import Entry
from digest.text.html import bare_words
from digest.text.links import is_mobile, is_permalink
from digest.text.titles import title_key

#: A shorter text tells nothing.
_MIN_WORDS_CHARS = 40
_DAY = timedelta(days=1)
#: Of the shorter text's words: texts that share so many are one, edited.
_LIKE = 0.5
_MIN_TERMS = 8
_MAX_WORD_CHARS = 20
#: The beginning of a text is enough to tell it from another.
_MAX_COMPARED_CHARS = 20_000


class _Known(KnownPost):
    """A stored post that remembers the words of its text, by which many entries are compared."""

    @classmethod
    def of(cls, known: KnownPost) -> _Known:
        """Return it with room for its words."""
        return cls(**{name: getattr(known, name) for name in KnownPost.__slots__})

    @cached_property
    def words(self) -> str:
        """Those of its text, to compare by."""
        return bare_words(self.html)


class KnownPosts:
    """Looks stored posts up by what identifies them."""

    def __init__(self, known: Iterable[KnownPost]) -> None:
        self._known = tuple(map(_Known.of, known))

    def find(self, entries: tuple[Entry, ...]) -> tuple[KnownPost | None, ...]:
        """Give the stored post that each entry of one document is."""
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
        """Give what is known by a name, which may be empty, the newest first as it came."""
        named: defaultdict[str, list[_Known]] = defaultdict(list)
        for known in self._known:
            named[name(known)].append(known)
        return named


class _Found:
    """What was found for the entries of a document, rule by rule."""

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
        """Give each entry that has none yet the first candidate of its name that is the same."""
        for index, each in enumerate(self.entries if candidates else ()):
            if self.posts[index] is not None:
                continue
            # Of several under one identifier, the one that has the link is nearer.
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
    """Whether two of one title are one by their text and day."""
    is_bare = not (asked.post.guid or asked.key or known.guid or known.url_key)
    is_long = len(asked.words) >= _MIN_WORDS_CHARS
    is_one_day = _is_one_day(asked, known)
    is_told = is_one_day is not False if is_bare else is_one_day is True and is_long
    return known.is_of_feed and is_told and asked.words == known.words


def _is_by_name(asked: Entry, known: _Known) -> bool:
    """Whether two of one title are one by their day, in a feed that changes its identifiers."""
    is_known = known.is_of_feed and bool(asked.post.title)
    return is_known and not (asked.key and known.url_key) and _is_one_day(asked, known) is True


def _changes_guids(asked: tuple[Entry, ...], by_key: defaultdict[str, list[_Known]]) -> bool:
    """Whether posts of the feed are here under other identifiers, as links and texts prove.

    A page that several posts lead to may repeat its text; so one needs the same day, too.
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
    """Whether another entry stood at this link before, by its text and its date.

    Days apart any other text tells it; within a day, or without dates, one of other words.
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
    """Whether two texts share less than half of the shorter one's words; few words, the titles."""
    one, other = _terms(asked.words), _terms(known.words)
    fewer = min(len(one), len(other))
    if fewer < _MIN_TERMS:
        has_titles = bool(asked.post.title and known.title)
        return has_titles and not _has_same_title(asked, known)
    return len(one & other) < fewer * _LIKE


def _terms(words: str) -> frozenset[str]:
    """Give the words, and pairs of characters where a script does not part its words."""
    terms: set[str] = set()
    for word in words[:_MAX_COMPARED_CHARS].casefold().split():
        is_whole = len(word) <= _MAX_WORD_CHARS
        terms.update((word,) if is_whole else map("".join, pairwise(word)))
    return frozenset(terms)


def _has_same_title(asked: Entry, known: _Known) -> bool:
    return title_key(asked.post.title) == title_key(known.title)


def _is_one_day(asked: Entry, known: _Known) -> bool | None:
    """Whether both are of one day in UTC; None where a date is not known."""
    if asked.post.published_at is None or known.published_at is None:
        return None
    return asked.post.published_at.date() == known.published_at.date()
