"""The progress of a send: counts that cost nothing, and what a door makes of them."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from digest.cli.send_progress import (
    JsonEvents,
    LiveLine,
    MinuteLines,
    Pace,
    PaceMeter,
    View,
    live_line,
    watched,
)
from digest.models import DeliveryState, Progress, SendHold

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
PACE = Pace(rate=5230.4, eta=NOW + timedelta(seconds=110))
HOLD = SendHold(
    reason="example.org: 421 4.7.0 try later",
    until=NOW + timedelta(minutes=25),
    release="Only time releases it.",
)


def progress(*, sent: int = 0, deferred: int = 0, failed: int = 0) -> Progress:
    return Progress(edition_id=3, total=1_000_000, sent=sent, deferred=deferred, failed=failed)


class Quick:
    """Makes a view's timer short."""

    interval_s = 0.001


class QuickLine(Quick, LiveLine):
    pass


class QuickLines(Quick, MinuteLines):
    pass


class QuickEvents(Quick, JsonEvents):
    pass


# --- numbers ------------------------------------------------------------------------------------


def test_a_state_is_counted_by_a_call_or_by_its_number() -> None:
    counted = progress(sent=10)
    counted(DeliveryState.SENT)
    counted(DeliveryState.DEFERRED)
    counted.failed += 2
    assert (counted.sent, counted.deferred, counted.failed) == (11, 1, 2)
    assert (counted.done, counted.left) == (14, 999_986)


def test_what_is_tried_twice_leaves_no_negative_rest() -> None:
    assert Progress(edition_id=1, total=2, sent=2, deferred=1).left == 0


def test_the_rate_is_that_of_the_last_seconds() -> None:
    meter, counted = PaceMeter(), progress()
    for second in range(11):
        counted.sent += 1000 if second > 5 else 10
        pace = meter.read(counted, seconds=second, now=NOW)
    assert pace.rate == pytest.approx(1000)
    assert pace.eta == NOW + timedelta(seconds=counted.left / 1000)


def test_refused_mails_count_for_the_end_and_not_for_the_rate() -> None:
    meter, counted = PaceMeter(), Progress(edition_id=1, total=100)
    meter.read(counted, seconds=0, now=NOW)
    counted.failed += 10
    assert meter.read(counted, seconds=1, now=NOW) == Pace(rate=0, eta=NOW + timedelta(seconds=9))


def test_there_is_no_end_while_nothing_moves() -> None:
    meter, counted = PaceMeter(), progress(sent=5)
    assert [meter.read(counted, seconds=s, now=NOW).eta for s in (0, 1, 9)] == [None] * 3


# --- the line -----------------------------------------------------------------------------------


def test_the_line_of_a_million_mails_fits_into_80_columns() -> None:
    line = live_line(progress(sent=421_300, deferred=1203, failed=15), PACE, now=NOW)
    assert line == ("421,300/1,000,000 sent, 5,230/s, ends 07:01:50 UTC; 1,203 deferred, 15 failed")
    assert len(line) < 80


def test_an_end_on_another_day_has_its_date() -> None:
    pace = Pace(rate=1, eta=NOW + timedelta(days=2))
    assert "ends 2026-11-25 07:00 UTC" in live_line(progress(), pace, now=NOW)


def test_a_brake_is_named_with_its_reason_and_end() -> None:
    counted = progress(sent=5)
    counted.holds = (HOLD,)
    held = "held until 07:25:00 UTC: example.org: 421 4.7.0 try later"
    still = live_line(counted, Pace(rate=0, eta=None), now=NOW)
    assert still == f"5/1,000,000 sent, {held}"
    # A brake of one domain does not stop the others.
    moving = live_line(counted, PACE, now=NOW)
    assert moving == f"5/1,000,000 sent, 5,230/s, ends 07:01:50 UTC; {held}"


# --- views --------------------------------------------------------------------------------------


async def show(view: View, *, error: Exception | None = None) -> None:
    """Show a send of three steps, in the second of which it waits."""
    counted = progress()

    async def send() -> None:
        for holds in ((), (HOLD,), ()):
            counted.sent, counted.holds = counted.sent + 7, holds
            await asyncio.sleep(0.02)
        if error:
            raise error

    await watched(send(), counted, view)


async def test_json_events_are_one_to_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    await show(QuickEvents())
    out, err = capsys.readouterr()
    events = [json.loads(line) for line in err.splitlines()]
    assert out == ""
    assert (events[0]["event"], events[-1]["event"]) == ("started", "finished")
    assert {event["event"] for event in events[1:-1]} == {"progress", "hold"}
    (hold,) = (event for event in events if event["event"] == "hold")
    assert (hold["reason"], hold["until"]) == (HOLD.reason, "2026-11-23T07:25:00+00:00")
    assert (events[-1]["sent"], "error" in events[-1]) == (21, False)
    moved = next(event for event in events if event["event"] == "progress")
    assert set(moved) >= {"edition", "total", "sent", "deferred", "failed", "rate", "eta"}


async def test_a_send_that_fails_ends_its_events_with_the_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(OSError, match="the relay is down"):
        await show(QuickEvents(), error=OSError("the relay is down"))
    last = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (last["event"], last["error"]) == ("finished", "the relay is down")


async def test_a_terminal_has_a_line_that_is_drawn_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    await show(QuickLine())
    lines = capsys.readouterr().err.split("\n")
    assert lines[0] == "Sending edition 3: 1,000,000 mails."
    (hold,) = (line for line in lines if "Edition 3, held until" in line)
    assert hold.endswith(
        "2026-11-23 07:25:00 UTC: example.org: 421 4.7.0 try later. Only time releases it."
    )
    assert "\r\x1b[K7/1,000,000 sent" in lines[1]
    assert lines[-1].endswith("\r\x1b[K")


async def test_a_hold_whose_numbers_change_is_shown_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    counted = progress()

    async def send() -> None:
        for number in range(4):
            at = NOW + timedelta(milliseconds=number)
            reason = f"relay a:25: says that mails come too fast; it gets {number} mails a second"
            counted.holds = (SendHold(reason=reason, until=at, release=""),)
            await asyncio.sleep(0.02)

    await watched(send(), counted, QuickEvents())
    events = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert (events.count("hold"), events.count("progress") > 1) == (1, True)


async def test_a_log_has_a_line_at_the_start_and_one_each_minute(
    capsys: pytest.CaptureFixture[str],
) -> None:
    view = MinuteLines()
    view.started(progress())
    for _ in range(150):
        view.moved(progress(sent=9), PACE, now=NOW)
    view.ended(progress(), "")
    assert capsys.readouterr().out.splitlines() == [
        "Sending edition 3: 1,000,000 mails.",
        *["Edition 3: 9/1,000,000 sent, 5,230/s, ends 07:01:50 UTC"] * 2,
    ]
    await show(QuickLines())
    assert "Edition 3, held until" in capsys.readouterr().out
