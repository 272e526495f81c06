"""Decides how long a name or a network must wait after failed sign-ins. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.store.sign_in_failures import Failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The growing waits: none for the first failures, then each twice as long as the last."""

    #: Failures without a wait.
    free: int
    first: timedelta
    longest: timedelta


#: Short, because anybody can lock a name; strong enough: 100 guesses a day.
OF_NAME = Ladder(free=5, first=timedelta(seconds=30), longest=timedelta(minutes=15))
OF_NETWORK = Ladder(free=15, first=timedelta(seconds=30), longest=timedelta(hours=1))
#: Failures are forgotten after this time without another one.
MEMORY = timedelta(days=1)


def wait_left(ladder: Ladder, failures: Failures | None, *, now: datetime) -> timedelta:
    """Return how long the next attempt must still wait; zero if it need not."""
    if failures is None or failures.count < ladder.free or now - failures.last_at > MEMORY:
        return timedelta()
    steps = min(failures.count - ladder.free, 30)
    wait = min(ladder.first * (1 << steps), ladder.longest)
    return max(failures.last_at + wait - now, timedelta())
