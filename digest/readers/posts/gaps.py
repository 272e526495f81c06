"""Decides whether posts may be missing between a feed's document and the posts known before."""

from __future__ import annotations

from collections.abc import Sequence

from digest.models import FeedHistory
from digest.readers.posts.entry import Entry

#: A document of one entry never reaches back; some feeds have only their newest post.
_MIN_ENTRIES = 2


def reaches_back(entries: Sequence[Entry], history: FeedHistory, *, has_known: bool) -> bool:
    """Return whether a document has a known post, or one as old as the newest known post.

    Args:
        entries: the entries of the document.
        history: what is known of the feed's earlier reads.
        has_known: whether an entry is a stored post.
    """
    newest_at = history.newest_at
    dates = [entry.post.published_at for entry in entries if entry.post.published_at]
    return (
        has_known
        or newest_at is None
        or len(entries) < _MIN_ENTRIES
        or any(date <= newest_at for date in dates)
    )
