"""Shows a running send: a live line on a terminal, a line a minute in a log, or JSON Lines.

The live line and JSON Lines go to standard error. A log has its lines on standard output, in order
with the result, so that an error is the only line on standard error.

The send loop only adds to the numbers of a `Progress`. They are read here by a timer, so that the
display costs the same for ten mails and for a million.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from shutil import get_terminal_size
from typing import Any, Protocol, TypeVar

from digest.cli.output import say
from digest.models import Holding, Progress
from digest.text.display import printable

T = TypeVar("T")

#: The rate is that of the last seconds, not since the start.
_WINDOW_S = 5.0
_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The speed of a send at this moment."""

    #: Mails accepted per second.
    rate: float
    #: When the last mail will have been tried; None if nothing moves.
    eta: datetime | None


class PaceMeter:
    """Measures the pace over the last seconds."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int, int]] = deque()

    def read(self, progress: Progress, *, seconds: float, now: datetime) -> Pace:
        """Return the pace; `seconds` is a clock that only goes forward."""
        marks = self._marks
        marks.append((seconds, progress.sent, progress.done))
        while len(marks) > 2 and marks[1][0] <= seconds - _WINDOW_S:
            marks.popleft()
        since, sent, done = marks[0]
        passed = seconds - since
        if passed <= 0:
            return Pace(rate=0.0, eta=None)
        tried = (progress.done - done) / passed
        eta = now + timedelta(seconds=progress.left / tried) if tried > 0 else None
        return Pace(rate=(progress.sent - sent) / passed, eta=eta)


class View(Protocol):
    """A way to show a send."""

    #: The time between two calls of `moved`.
    interval_s: float

    def started(self, progress: Progress) -> None:
        """Show that the send begins."""

    def held(self, progress: Progress, hold: Holding) -> None:
        """Show what holds mails back from now on."""

    def moved(self, progress: Progress, pace: Pace, *, now: datetime) -> None:
        """Show the numbers."""

    def ended(self, progress: Progress, error: str) -> None:
        """Show that it has ended; `error` is empty if it did so without one."""


def choose_view(*, as_json: bool) -> View:
    """Return the view for `--json`, for a terminal, or for a log."""
    if as_json:
        return JsonEvents()
    is_live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return LiveLine() if is_live else MinuteLines()


async def watched(
    work: Coroutine[Any, Any, T],
    progress: Progress,
    view: View,
    *,
    seconds: Callable[[], float] = time.monotonic,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> T:
    """Run a send and show its progress until it ends."""
    view.started(progress)
    watcher = asyncio.create_task(_watch(progress, view, seconds, clock))
    try:
        result = await work
    except BaseException as error:
        watcher.cancel()
        view.ended(progress, str(error) or type(error).__name__)
        raise
    watcher.cancel()
    view.ended(progress, "")
    return result


async def _watch(
    progress: Progress,
    view: View,
    seconds: Callable[[], float],
    clock: Callable[[], datetime],
) -> None:
    meter = PaceMeter()
    shown: tuple[Holding, ...] = ()
    meter.read(progress, seconds=seconds(), now=clock())
    while True:
        await asyncio.sleep(view.interval_s)
        holds, shown_before = progress.holds, shown
        shown = holds
        for hold in holds:
            if hold not in shown_before:
                view.held(progress, hold)
        now = clock()
        view.moved(progress, meter.read(progress, seconds=seconds(), now=now), now=now)


class LiveLine:
    """One line of a terminal that is drawn again and again."""

    interval_s = 0.25

    def started(self, progress: Progress) -> None:
        """Print what begins."""
        _write(_start_line(progress) + "\n")

    def held(self, progress: Progress, hold: Holding) -> None:
        """Print the reason in full, above the live line."""
        _write(f"\r\x1b[K{_hold_line(progress, hold)}\n")

    def moved(self, progress: Progress, pace: Pace, *, now: datetime) -> None:
        """Draw the line again."""
        width = get_terminal_size().columns - 1
        _write(f"\r\x1b[K{live_line(progress, pace, now=now)[:width]}")

    def ended(self, progress: Progress, error: str) -> None:  # noqa: ARG002 - the result follows
        """Remove the line."""
        _write("\r\x1b[K")


class MinuteLines:
    """A line at the start and one each minute, for a log or a mail of cron."""

    interval_s = 1.0

    def __init__(self) -> None:
        self._ticks = 0

    def started(self, progress: Progress) -> None:
        """Print what begins."""
        _say(_start_line(progress))

    def held(self, progress: Progress, hold: Holding) -> None:
        """Print the reason."""
        _say(_hold_line(progress, hold))

    def moved(self, progress: Progress, pace: Pace, *, now: datetime) -> None:
        """Print the numbers once a minute."""
        self._ticks += 1
        if self._ticks * self.interval_s % _MINUTE_S == 0:
            _say(f"Edition {progress.edition_id}: {live_line(progress, pace, now=now)}")

    def ended(self, progress: Progress, error: str) -> None:
        """Print nothing: the result, or the error, follows."""


class JsonEvents:
    """Events as JSON Lines, at most one of progress a second."""

    interval_s = 1.0

    def started(self, progress: Progress) -> None:
        """Write the event `started`."""
        self._write("started", progress)

    def held(self, progress: Progress, hold: Holding) -> None:
        """Write the event `hold`."""
        until = _iso(hold.until)
        self._write("hold", progress, reason=hold.reason, until=until, release=hold.release)

    def moved(self, progress: Progress, pace: Pace, *, now: datetime) -> None:  # noqa: ARG002 - no clock
        """Write the event `progress`."""
        self._write("progress", progress, rate=round(pace.rate, 1), eta=_iso(pace.eta))

    def ended(self, progress: Progress, error: str) -> None:
        """Write the event `finished`, which has an `error` if one ended the send."""
        self._write("finished", progress, **({"error": error} if error else {}))

    def _write(self, event: str, progress: Progress, **more: object) -> None:
        facts = {
            "event": event,
            "edition": progress.edition_id,
            "total": progress.total,
            "sent": progress.sent,
            "deferred": progress.deferred,
            "failed": progress.failed,
            "unknown": progress.unknown,
            "skipped": progress.skipped,
        }
        _write(json.dumps(facts | more, ensure_ascii=False) + "\n")


def live_line(progress: Progress, pace: Pace, *, now: datetime) -> str:
    """Return the numbers in a line, the most important first, or why the send waits."""
    line = f"{progress.sent:,}/{progress.total:,} sent"
    holds = [f"held{_until(hold, now)}: {hold.reason}" for hold in progress.holds]
    if holds and not pace.rate:
        return printable(f"{line}, {'; '.join(holds)}")
    line += f", {pace.rate:,.0f}/s"
    if pace.eta:
        line += f", ends {_clock(pace.eta, now)}"
    states = ("deferred", "failed", "unknown", "skipped")
    others = [(getattr(progress, state), state) for state in states]
    more = ", ".join(f"{count:,} {state}" for count, state in others if count)
    return printable("; ".join([line, *([more] if more else []), *holds]))


def _until(hold: Holding, now: datetime) -> str:
    return f" until {_clock(hold.until, now)}" if hold.until else ""


def _start_line(progress: Progress) -> str:
    before = f", {progress.sent:,} of them sent before" if progress.sent else ""
    mails = f"{progress.total:,} mail{'' if progress.total == 1 else 's'}"
    return f"Sending edition {progress.edition_id}: {mails}{before}."


def _hold_line(progress: Progress, hold: Holding) -> str:
    until = f" until {hold.until:%Y-%m-%d %H:%M:%S} UTC" if hold.until else ""
    release = f" {hold.release}" if hold.release else ""
    return printable(f"Edition {progress.edition_id}, held{until}: {hold.reason}.{release}")


def _clock(at: datetime, now: datetime) -> str:
    is_today = at.date() == now.date()
    return f"{at:%H:%M:%S} UTC" if is_today else f"{at:%Y-%m-%d %H:%M} UTC"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _say(line: str) -> None:
    # A closed pipe or terminal must not end the send.
    with suppress(OSError, ValueError):
        say(line)


def _write(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()
