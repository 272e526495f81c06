"""When a feed is to be read again."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.models import Manners

#: A feed that fails is asked at least this often, or at its own interval if that is longer. What
#: a server or a feed asks for is obeyed up to here.
LONGEST_WAIT = timedelta(hours=24)
#: Longer than a weekend: whatever days and hours a feed wants to be spared.
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
    """Whether a feed's time has come; each failure in a row doubles the wait.

    Args:
        interval: between two readings when all goes well; longer where the feed itself says so.
        checked_at: when it was last asked; None: never.
        failures: in a row.
        now: the time; before `checked_at` where the clock was set back, and then it is due.
        not_before: until then its server wants to be left alone.
        manners: what the feed says of itself.
    """
    if is_resting(not_before, now=now):
        return False
    if checked_at is None or checked_at > now:
        return True
    interval = max(interval, min(manners.min_interval or interval, LONGEST_WAIT))
    # A dozen doublings of a minute are longer than the longest wait.
    wait = min(interval * (1 << min(failures, 12)), max(interval, LONGEST_WAIT))
    return now - checked_at >= wait and not _is_spared(manners, now - checked_at, now)


def is_resting(not_before: datetime | None, *, now: datetime) -> bool:
    """Whether a server that asked to be left alone still is.

    A time further ahead than is ever obeyed was noted before the clock was set back.
    """
    return not_before is not None and now < not_before <= now + LONGEST_WAIT


def _is_spared(manners: Manners, since: timedelta, now: datetime) -> bool:
    is_named = now.hour in manners.skip_hours or now.weekday() in manners.skip_days
    return is_named and since < LONGEST_SILENCE
