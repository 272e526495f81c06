"""Decides when a feed is read again."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.models import Manners

#: A failing feed is read at least this often, or at its own interval if that is longer. A wait
#: that a server or a feed requests is obeyed up to this length.
LONGEST_WAIT = timedelta(hours=24)
#: Longer than a weekend: a feed's excluded days and hours are obeyed no longer than this.
LONGEST_SILENCE = timedelta(days=3)


def is_due(
    interval: timedelta,
    *,
    checked_at: datetime | None,
    failures: int,
    now: datetime,
    not_before: datetime | None = None,
    manners: Manners = Manners(),  # noqa: B008 - frozen
) -> bool:
    """Return whether a feed is due; each failure in a row doubles the wait.

    Args:
        interval: the time between two reads without failures; a longer one in `manners` counts.
        checked_at: when the feed was last read; None if never.
        failures: the number of failures in a row.
        now: the time; if it is before `checked_at`, the clock was set back, and the feed is due.
        not_before: the end of a wait that the server requested; None if there is none.
        manners: the polling rules that the feed states.
    """
    if is_resting(not_before, now=now):
        return False
    if checked_at is None or checked_at > now:
        return True
    interval = max(interval, min(manners.min_interval or interval, LONGEST_WAIT))
    # Twelve doublings of a minute are longer than the longest wait.
    wait = min(interval * (1 << min(failures, 12)), max(interval, LONGEST_WAIT))
    return now - checked_at >= wait and not _is_spared(manners, now - checked_at, now)


def is_resting(not_before: datetime | None, *, now: datetime) -> bool:
    """Return whether the wait that a server requested is not over.

    A time further ahead than `LONGEST_WAIT` was stored before the clock was set back.
    """
    return not_before is not None and now < not_before <= now + LONGEST_WAIT


def _is_spared(manners: Manners, since: timedelta, now: datetime) -> bool:
    is_named = now.hour in manners.skip_hours or now.weekday() in manners.skip_days
    return is_named and since < LONGEST_SILENCE
