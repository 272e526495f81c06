"""Decides what to store of a feed that was read: new, changed and known posts.

Pure: entries and stored posts in, decisions out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from digest.models import Change, KnownPost, ParsedFeed, PostUpdate
from digest.readers.posts.identity import UNUSABLE, Entry, KnownPosts, is_usable
from digest.text.links import http_url

#: Posts older than this when their feed is added are stored but never mailed.
BACKLOG_AFTER = timedelta(days=7)
BACKLOG = "backlog"


def decide(
    entries: tuple[Entry, ...], known: KnownPosts, *, is_first_read: bool, now: datetime
) -> tuple[PostUpdate, ...]:
    """Decide whether each entry is new, changed or known; the result has reverse document order.

    At the first read of a feed its backlog is marked, so that subscribers do not get it: posts
    older than `BACKLOG_AFTER`, and posts without a reliable date unless the feed lists them above
    a recent one. Later reads mark nothing, so that no post is lost.

    Args:
        entries: the entries of the document.
        known: stored posts that share an identifier or a link with the document.
        is_first_read: whether the feed was never read without error before.
        now: the time of reading.
    """
    backlog = _backlog(entries, now) if is_first_read else frozenset()
    updates = [
        _decide_entry(entry, stored, is_backlog=index in backlog)
        for index, (entry, stored) in enumerate(zip(entries, known.find(entries), strict=True))
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
    skipped = f"{unusable} of {len(parsed.posts)} posts have {UNUSABLE}; skipped"
    return (*parsed.problems, skipped) if unusable else parsed.problems


def _decide_entry(entry: Entry, stored: KnownPost | None, *, is_backlog: bool) -> PostUpdate:
    change = Change.NEW
    if stored:
        is_changed = stored.is_owner and stored.content_hash != entry.content_hash
        change = Change.CHANGED if is_changed else Change.KNOWN
    return PostUpdate(
        change=change,
        post_id=stored.post_id if stored else None,
        parsed=entry.post,
        url_key=entry.key,
        content_hash=entry.content_hash,
        is_mailable=not is_backlog,
        reason=BACKLOG if is_backlog else "",
    )


def _backlog(entries: tuple[Entry, ...], now: datetime) -> frozenset[int]:
    """Return the positions of the backlog posts.

    Goes from the end of the document to its start: if the feed lists the newest first, a post
    without a date is as recent as the newest post below it.
    """
    each_date = [entry.post.published_at for entry in entries]
    dates = [date for date in each_date if date]
    is_newest_first = dates == sorted(dates, reverse=True)
    old: set[int] = set()
    is_above_recent = False
    for index in range(len(entries) - 1, -1, -1):
        published_at = each_date[index]
        is_recent = published_at is not None and now - published_at <= BACKLOG_AFTER
        is_above_recent = is_above_recent or (is_recent and is_newest_first)
        if not (is_recent or (published_at is None and is_above_recent)):
            old.add(index)
    return frozenset(old)
