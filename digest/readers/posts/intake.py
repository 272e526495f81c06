"""Decides what to store of a feed that was read: new, changed and known posts.

Pure: entries and stored posts in, decisions out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from digest.models import Change, FeedHistory, KnownPost, NotMailed, ParsedFeed, PostUpdate
from digest.readers.feeds.dates import is_ahead
from digest.readers.posts.entries import UNUSABLE, is_usable
from digest.readers.posts.entry import Entry
from digest.readers.posts.identity import KnownPosts
from digest.text.counted import counted
from digest.text.links import http_url

#: Posts older than this when their feed is added are stored but never mailed; a post that a known
#: feed lists for the first time is late if it was published this long before the feed's last read.
BACKLOG_AFTER = timedelta(days=7)
#: A feed's late posts in `LATE_WITHIN` that are mailed; with more of them, its site has begun to
#: list its archive.
MAX_LATE = 3
LATE_WITHIN = timedelta(days=7)
_NO_HISTORY = FeedHistory()


def decide(
    entries: tuple[Entry, ...],
    known: KnownPosts,
    *,
    is_first_read: bool,
    now: datetime,
    history: FeedHistory = _NO_HISTORY,
    max_age: timedelta | None = None,
) -> tuple[PostUpdate, ...]:
    """Decide whether each entry is new, changed or known; the result has reverse document order.

    At the first read of a feed its backlog is marked, so that subscribers do not get it: posts
    older than `BACKLOG_AFTER`, and posts without a reliable date unless the feed lists them above
    a recent one. Later reads mark late posts as the archive if there are more than `MAX_LATE`
    within `LATE_WITHIN`.

    Args:
        entries: the entries of the document.
        known: stored posts that share an identifier or a link with the document.
        is_first_read: whether the feed was never read without error before.
        now: the time of reading.
        history: what is known of the feed's earlier reads.
        max_age: new posts published longer ago are not mailed; None: no limit.
    """
    found = known.find(entries)
    is_too_old = [_is_too_old(entry, now, max_age) for entry in entries]
    marked = _backlog(entries, now) if is_first_read else _late(entries, found, history)
    reason = _reason_of(
        sum(not is_too_old[index] for index in marked), history, is_first_read=is_first_read
    )
    reasons = [
        _why_not(entry, reason if index in marked else "", is_too_old=is_too_old[index], now=now)
        for index, entry in enumerate(entries)
    ]
    updates = [
        _decide_entry(entry, stored, now=now, reason=why)
        for entry, stored, why in zip(entries, found, reasons, strict=True)
    ]
    return tuple(reversed(updates))


def link_to_site(parsed: ParsedFeed) -> ParsedFeed:
    """Return the feed with posts of text alone linked to its front page, which identifies none."""
    front = http_url("/", parsed.site_url) if parsed.site_url else ""
    posts = (post if post.url or post.title else replace(post, url=front) for post in parsed.posts)
    return replace(parsed, posts=tuple(posts))


def problems_of(parsed: ParsedFeed) -> tuple[str, ...]:
    """Return the problems of a document for the operator: what was skipped or repaired."""
    unusable = sum(not is_usable(post) for post in parsed.posts)
    have = "has" if unusable == 1 else "have"
    skipped = f"{unusable} of {counted(len(parsed.posts), 'post')} {have} {UNUSABLE}; skipped"
    return (*parsed.problems, skipped) if unusable else parsed.problems


def _decide_entry(
    entry: Entry, stored: KnownPost | None, *, now: datetime, reason: str
) -> PostUpdate:
    """Return the decision about an entry; `reason` is for a new one only."""
    change = Change.NEW
    if stored:
        is_changed = stored.is_owner and (
            stored.content_hash != entry.content_hash or _is_moved_day(entry, stored, now)
        )
        change, reason = Change.CHANGED if is_changed else Change.KNOWN, ""
    return PostUpdate(
        change=change,
        post_id=stored.post_id if stored else None,
        parsed=entry.post,
        url_key=entry.key,
        content_hash=entry.content_hash,
        is_mailable=reason in ("", NotMailed.LATE),
        reason=reason,
    )


def _is_moved_day(entry: Entry, stored: KnownPost, now: datetime) -> bool:
    """Return whether a post that waits for its day has another day now."""
    day = entry.post.published_at
    return is_ahead(stored.published_at, now=now) and day is not None and day != stored.published_at


def _is_too_old(entry: Entry, now: datetime, max_age: timedelta | None) -> bool:
    date = entry.post.published_at
    return max_age is not None and date is not None and now - date > max_age


def _reason_of(marked: int, history: FeedHistory, *, is_first_read: bool) -> NotMailed:
    """Return the reason for the `marked` old posts of a document."""
    if is_first_read:
        return NotMailed.BACKLOG
    return NotMailed.ARCHIVE if history.late + marked > MAX_LATE else NotMailed.LATE


def _why_not(entry: Entry, reason: str, *, is_too_old: bool, now: datetime) -> str:
    """Return the reason of one post; empty for an ordinary one."""
    if is_ahead(entry.post.published_at, now=now):
        return NotMailed.AHEAD
    return NotMailed.TOO_OLD if is_too_old else reason


def _late(
    entries: tuple[Entry, ...], found: Sequence[KnownPost | None], history: FeedHistory
) -> frozenset[int]:
    """Return the positions of the new posts that are much older than what was known before.

    A post without a date is late if the feed lists the newest first, and lists it below a late or
    an older known post.
    """
    times = [each for each in (history.read_at, history.newest_at) if each]
    if not times:
        return frozenset()
    limit = min(times) - BACKLOG_AFTER
    is_newest_first = _is_newest_first(entries, found)
    late: set[int] = set()
    is_below_old = False
    for index, (entry, stored) in enumerate(zip(entries, found, strict=True)):
        date = entry.post.published_at
        is_old = date < limit if date else is_below_old and is_newest_first
        if stored is None and is_old:
            late.add(index)
        is_below_old = is_below_old or is_old or (stored is not None and _is_old(stored, limit))
    return frozenset(late)


def _is_old(stored: KnownPost, limit: datetime) -> bool:
    seen_at = stored.published_at or stored.first_seen_at
    return not stored.is_mailable or (seen_at is not None and seen_at < limit)


def _is_newest_first(entries: tuple[Entry, ...], found: Sequence[KnownPost | None]) -> bool:
    """Return whether nothing contradicts that a document lists its newest posts first.

    In a feed without any date, the times count at which its posts were first seen.
    """
    dates = [entry.post.published_at for entry in entries if entry.post.published_at]
    seen = [stored.first_seen_at for stored in found if stored and stored.first_seen_at]
    times = dates or seen
    return times == sorted(times, reverse=True)


def _backlog(entries: tuple[Entry, ...], now: datetime) -> frozenset[int]:
    """Return the positions of the backlog posts.

    Goes from the end of the document to its start: if the feed lists the newest first, a post
    without a date is as recent as the newest post below it.
    """
    each_date = [entry.post.published_at for entry in entries]
    is_newest_first = _is_newest_first(entries, ())
    old: set[int] = set()
    is_above_recent = False
    for index in range(len(entries) - 1, -1, -1):
        published_at = each_date[index]
        is_recent = published_at is not None and now - published_at <= BACKLOG_AFTER
        is_above_recent = is_above_recent or (is_recent and is_newest_first)
        if not (is_recent or (published_at is None and is_above_recent)):
            old.add(index)
    return frozenset(old)
