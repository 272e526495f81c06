"""`digest run` with a clock that is far ahead: nothing is lost, and one alert says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import select, text

from digest.errors import FeedError
from digest.models import Message
from digest.newsroom.clock import clock_problem
from digest.newsroom.order import is_service_running
from digest.newsroom.plan import plan
from digest.newsroom.run import Service
from digest.newsroom.service.clock import ClockCheck
from digest.newsroom.status import read_status
from digest.readers.web.fetch import Fetcher
from digest.sender.attempt import Attempt, Fate
from digest.store import clock
from digest.store.tables import deliveries, notices
from tests.support.life import SLOT, Letterbox, Life, LivingApp
from tests.support.mailers import Mark

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
YEARS = timedelta(days=737)


class AskedApp(LivingApp):
    """A wiring whose feeds' server says a time; None: it cannot be reached."""

    def __init__(self, life: Life) -> None:
        super().__init__(life)
        self.server_time: datetime | None = None
        self.asked = 0

    @property
    def open_fetcher(self) -> Callable[[], Any]:
        return self._open

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Any]:
        yield self

    async def ask_time(self, url: str) -> datetime | None:
        """Answer with the server's time."""
        self.asked += 1
        if self.server_time is None:
            raise FeedError(url, "the server's certificate is not valid", transient=True)
        return self.server_time


def context_of(life: Life) -> AskedApp:
    app = AskedApp(life)
    life.context = app
    return app


async def work(app: AskedApp, check: ClockCheck | None = None) -> None:
    """Run every job of `digest run` once."""
    service = Service(app, asyncio.Event())
    service._clock = check or ClockCheck()
    for job in (service._poll, service._tick, service._dispatch, service._notify, service._purge):
        await job()


def alerts(life: Life, prefix: str = "") -> list[str]:
    return [key for key in life.told() if key.startswith(prefix)]


async def test_a_clock_two_years_ahead_does_no_harm(tmp_path: Path) -> None:
    life = Life(tmp_path)
    app = context_of(life)
    for life.now in (SLOT - DAY, SLOT):
        await work(app)
    assert len(life.letterbox.mails) == 2
    before, right = life.slot_states(), life.now
    life.now += YEARS
    check = ClockCheck()
    for _ in range(3):
        await work(app, check)
    assert life.slot_states() == before
    assert len(alerts(life, "clock/")) == 1
    assert "the clock says 2028" in read_status(app, None).clock_problem
    assert [line for line in plan(app, (), weeks=1).blocked if "the clock says 2028" in line]
    with app.database.read() as connection:
        created = connection.execute(select(notices.c.created_at)).scalar_one()
    assert created < right + DAY
    life.now = right
    life.letterbox.mails.clear()
    for day in range(1, 15):
        life.now = SLOT + day * DAY
        await work(app)
    assert life.letterbox.per_subscriber()["subscriber1@example.net"] == 2
    assert set(life.letterbox.stories("subscriber1@example.net").values()) == {1}
    assert alerts(life) == alerts(life, "clock/")
    assert read_status(app, None).clock_problem == ""


async def test_a_server_that_agrees_ends_the_doubt(tmp_path: Path) -> None:
    life = Life(tmp_path)
    app = context_of(life)
    await work(app)
    life.now += 5 * WEEK
    app.server_time = life.now - 20 * HOUR
    assert await ClockCheck().is_right(app)
    assert clock_problem(app) == ""
    with app.database.read() as connection:
        assert clock.latest_time(connection) == life.now


@pytest.mark.parametrize("away", [-YEARS, -2 * DAY, 2 * DAY])
async def test_a_server_that_disagrees_does_not(tmp_path: Path, away: timedelta) -> None:
    life = Life(tmp_path)
    app = context_of(life)
    await work(app)
    life.now += YEARS
    app.server_time = life.now + away
    check = ClockCheck()
    assert not await check.is_right(app)
    assert not await check.is_right(app)
    assert app.asked == 1  # the next try comes after a minute
    assert len(alerts(life, "clock/")) == 1


async def test_the_operator_can_overrule_the_doubt(tmp_path: Path) -> None:
    life = Life(tmp_path)
    app = context_of(life)
    await work(app)
    life.now += YEARS
    assert await ClockCheck(trusts=True).is_right(app)
    assert await ClockCheck().is_right(app)
    assert app.asked == 0


async def test_a_day_off_and_a_first_start_are_no_doubt(tmp_path: Path) -> None:
    life = Life(tmp_path)
    app = context_of(life)
    assert await ClockCheck().is_right(app)
    life.now += DAY
    assert await ClockCheck().is_right(app)
    life.now -= 3 * DAY  # behind: nothing is due that was not
    assert await ClockCheck().is_right(app)


async def test_a_database_that_only_commands_used_knows_the_time_too(tmp_path: Path) -> None:
    life = Life(tmp_path)
    app = context_of(life)
    await life.look()
    life.now += YEARS
    assert not await ClockCheck().is_right(app)


async def test_the_first_start_is_known_at_once_after_a_command(tmp_path: Path) -> None:
    life = Life(tmp_path)
    app = context_of(life)
    await life.look()
    assert not is_service_running(app)
    assert await ClockCheck().is_right(app)
    assert is_service_running(app)


async def test_what_an_earlier_clock_made_missed_is_due_again(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.run_until(SLOT + HOUR, step=12 * HOUR)
    right = life.now
    life.now += YEARS
    life.paper.is_down = True
    await life.look()  # without the check, as if the clock was trusted
    life.paper.is_down = False
    assert list(life.slot_states().values()).count("missed") >= 100
    assert len(alerts(life)) == 1
    life.now = right
    life.letterbox.mails.clear()
    await life.run_until(SLOT + 2 * WEEK + HOUR, step=12 * HOUR)
    assert life.letterbox.per_subscriber()["subscriber1@example.net"] == 2
    states = life.slot_states()
    assert (states["2026-11-30T07:00"], states["2026-12-07T07:00"]) == ("composed", "composed")
    assert len(alerts(life)) == 1


async def test_a_draft_that_an_editor_cancelled_before_its_hour_stays_cancelled(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path, config='schedule = "Mon 07:00"\nreview = "required"')
    await life.run_until(SLOT - 3 * HOUR, step=6 * HOUR)
    assert life.edition_states() == ["draft"]
    with life.context.database.write() as connection:
        connection.execute(text("UPDATE editions SET state = 'cancelled'"))
        connection.execute(text("UPDATE slots SET state = 'missed'"))
    await life.live_until(SLOT + HOUR)
    assert life.edition_states() == ["cancelled"]


async def test_a_clock_that_jumps_during_a_send_lets_no_mail_expire(tmp_path: Path) -> None:
    life = Life(tmp_path, subscribers=4)

    class Jumping(Letterbox):
        async def deliver(self, message: Message, mark: Mark) -> Attempt:
            self.mails.append(message)
            await mark()
            life.now = SLOT + YEARS
            return Attempt(fate=Fate.TRANSIENT, reason="later")

    life.letterbox = Jumping()
    await life.run_until(SLOT - HOUR, step=12 * HOUR)
    life.now = SLOT
    await life.look()
    with life.context.database.read() as connection:
        rows = connection.execute(select(deliveries.c.state, deliveries.c.next_at)).all()
    assert {row.state for row in rows} == {"deferred"}
    assert max(row.next_at for row in rows) < SLOT + HOUR


# --- the time of a server -----------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 301, 401, 404, 405, 500])
async def test_a_servers_time_is_read_from_any_answer(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/feed").respond_with_data("", status, {"Location": "/other"})
    async with Fetcher(allow_private=True) as fetcher:
        found = await fetcher.ask_time(httpserver.url_for("/feed"))
    assert found is not None
    assert abs(found - datetime.now(UTC)) < MINUTE


async def test_the_time_is_asked_only_of_allowed_addresses() -> None:
    async with Fetcher() as fetcher:
        with pytest.raises(FeedError, match="private"):
            await fetcher.ask_time("http://127.0.0.1:9/feed")
