"""Compares the titles, texts and dates of an entry and a stored post."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta

from digest.readers.posts.entry import Entry
from digest.readers.posts.known import Known

_DAY = timedelta(days=1)
#: Texts that share this part of the shorter one's words are versions of one text.
_LIKE = 0.5
#: Texts with fewer different words are not compared.
MIN_TERMS = 8


def has_same_title(asked: Entry, known: Known) -> bool:
    """Return whether two titles have one key."""
    return asked.title_key == known.title_key


def has_other_words(asked: Entry, known: Known) -> bool:
    """Return whether two texts share less than half of the shorter one's words.

    If there are too few words, the titles decide.
    """
    one, other = asked.terms, known.terms
    fewer = min(len(one), len(other))
    if fewer < MIN_TERMS:
        has_titles = bool(asked.post.title and known.title)
        return has_titles and not has_same_title(asked, known)
    return len(one & other) < fewer * _LIKE


def is_one_day(asked: Entry, known: Known) -> bool | None:
    """Return whether both have the same day in UTC; None if a date is unknown."""
    if asked.post.published_at is None or known.published_at is None:
        return None
    return asked.post.published_at.date() == known.published_at.date()


def is_one_instant(asked: Entry, known: Known) -> bool:
    """Return whether both were published at one instant."""
    date = asked.post.published_at
    return date is not None and date == known.published_at and asked.has_instant


def is_apart(asked: Entry, known: Known) -> bool:
    """Return whether two posts are dated a day or more apart."""
    one, other = asked.post.published_at, known.published_at
    return one is not None and other is not None and abs(one - other) >= _DAY


def date_of(each: Entry | Known) -> datetime | None:
    """Return the date of publication; None if it is unknown."""
    return each.post.published_at if isinstance(each, Entry) else each.published_at


def day_of(each: Entry | Known) -> Hashable:
    """Return the day of publication in UTC; None if it is unknown."""
    date = date_of(each)
    return date.date() if date else None
