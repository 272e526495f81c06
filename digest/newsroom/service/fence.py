"""Fences each turn of `digest run`: one that fails waits for its next try, and the others go on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from zlib import crc32

from digest.errors import DigestError, StoreError
from digest.newsroom.context import RunContext
from digest.newsroom.service.notices import notify
from digest.sender.retry import plan_retry
from subscribers.errors import SubscriberError

#: Longer than any wait: a next try beyond it was planned before the clock was set back.
_LONGEST_WAIT = timedelta(hours=2)

_log = logging.getLogger(__name__)


class Fence:
    """The failed turns of one process, and when each is tried again."""

    def __init__(self) -> None:
        """Start without failures."""
        self._failed: dict[str, tuple[int, datetime]] = {}
        self._errors: dict[str, Exception] = {}

    def is_due(self, turn: str, now: datetime) -> bool:
        """Return whether a turn did not fail, or its wait is over."""
        _, next_at = self._failed.get(turn, (0, now))
        return not now < next_at <= now + _LONGEST_WAIT

    def failed(self, turn: str, now: datetime) -> None:
        """Plan the next try: after 1, 5, 15 and 60 minutes, then hourly."""
        failures = self._failed.get(turn, (0, now))[0] + 1
        next_at = plan_retry(
            delivery_id=crc32(turn.encode()),
            attempts=failures,
            is_greylisted=False,
            not_before=now,
            now=now,
            max_age=_LONGEST_WAIT,
        )
        self._failed[turn] = (failures, next_at or now)

    def passed(self, turn: str) -> None:
        """Forget the failures of a turn."""
        self._failed.pop(turn, None)
        self._errors.pop(turn, None)

    def error_of(self, turn: str) -> Exception | None:
        """Return the error of a turn that failed when it was taken last."""
        return self._errors.get(turn)

    async def run(
        self,
        turn: str,
        now: datetime,
        work: Callable[[], Awaitable[bool]],
        report: Callable[[Exception], None],
    ) -> None:
        """Take a turn, if it is due; whatever fails in it is reported and stops no other turn.

        Args:
            turn: the name of the turn.
            now: the time.
            work: does the work; returns False if a part of it failed and was reported.
            report: reports an exception of `work`.

        Raises:
            StoreError: the database cannot be used: the other turns would fail too.
        """
        if not self.is_due(turn, now):
            return
        try:
            is_done = await work()
        except Exception as raised:
            error = _first_of(raised)
            if isinstance(error, StoreError):
                raise error from raised
            self._errors[turn] = error
            await asyncio.to_thread(report, error)
            is_done = False
        if is_done:
            self.passed(turn)
        else:
            self.failed(turn, now)


def _first_of(error: Exception) -> Exception:
    """Return the first error of a group of tasks, or the error itself."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def is_expected(error: Exception) -> bool:
    """Return whether an error is one of this program's, whose message says what to do."""
    return isinstance(error, (DigestError, SubscriberError))


def in_one_line(error: Exception) -> str:
    """Return an error for an alert; one that is not of this program has its type's name."""
    said = " ".join(str(error).split())
    return said if is_expected(error) else f"{type(error).__name__}: {said}"


def report_failure(context: RunContext, name: str, error: Exception, *, now: datetime) -> None:
    """Log the failure of a turn and store an alert; the same failure is alerted once."""
    reason = in_one_line(error)
    _log.error("%s: %s", name, reason, exc_info=None if is_expected(error) else error)
    recipients = context.alerts.recipients
    notify(
        context.database,
        "alert",
        f"{name}/failed/{reason}",
        f"{name}: {reason}\nThe other newsletters go on. It is tried again after 1, 5, 15 and 60"
        " minutes, then hourly.",
        recipients,
        now=now,
    )
