"""Finds the posts of a site that was moved to another system, by their titles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from digest.readers.posts.entry import Entry
from digest.readers.posts.known import Found, Known
from digest.readers.posts.likeness import MIN_TERMS, has_other_words

#: A relaunch: at least this many entries with titles that no identifier and no link finds, …
_MIN_RELAUNCHED = 5
#: … of which this share has the title of one stored post, …
_RELAUNCHED = 0.8
#: … dated at most this far apart, or with similar texts.
_RELAUNCH_APART = timedelta(days=3)


def relaunched(
    found: Found, unknown: Sequence[int], known: Iterable[Known]
) -> tuple[tuple[int, Known], ...]:
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
    named: defaultdict[str, dict[int, Known]] = defaultdict(dict)
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


def _is_relaunched(asked: Entry, known: Known) -> bool:
    """Return whether two posts with one title are one, in a feed that was moved."""
    one, other = asked.post.published_at, known.published_at
    if one and other and abs(one - other) <= _RELAUNCH_APART:
        return True
    has_words = min(len(asked.terms), len(known.terms)) >= MIN_TERMS
    if not has_words:
        return not (one and other)
    return not has_other_words(asked, known)
