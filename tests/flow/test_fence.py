"""A newsletter whose turn fails does not stop the others, and is tried again ever more rarely."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from digest.models import Message
from digest.newsroom.context import NewsletterContext
from digest.newsroom.service.dispatch import dispatch
from digest.newsroom.service.fence import Fence
from digest.newsroom.service.tick import tick
from digest.sender.attempt import Attempt
from subscribers.tables import subscriptions
from tests.support.life import SLOT, START, Letterbox, Life, LivingApp
from tests.support.mailers import Mark

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
_SECOND = """
[[newsletters]]
name = "evening"
title = "The evening paper"
from = "The Hill Paper <digest@hill.example.org>"
categories = ["News"]
schedule = "Mon 07:00"
"""


class Broken:
    """A newsletter of the configuration, of which one part raises."""

    def __init__(self, inner: NewsletterContext, part: str, error: Exception) -> None:
        self._inner, self._part, self._error = inner, part, error
        self.tried = 0

    def __getattr__(self, name: str) -> object:
        if name == self._part:
            self.tried += 1
            raise self._error
        return getattr(self._inner, name)


class BrokenApp(LivingApp):
    """A wiring whose first newsletter is broken."""

    broken: Broken

    def use(self, part: str, error: Exception) -> Broken:
        """Break a part of the first newsletter."""
        weekly, *others = super().newsletters
        self.broken = Broken(weekly, part, error)
        self.__dict__["newsletters"] = (self.broken, *others)
        return self.broken

    def newsletter_of(self, name: str = "") -> Any:
        return self.broken if name == "weekly" else super().newsletter_of(name)


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Return two newsletters with two subscribers each."""
    life = Life(tmp_path, config='schedule = "Mon 07:00"')
    config = tmp_path / "config.toml"
    config.write_text(config.read_text("utf-8") + _SECOND, "utf-8")
    life.app = life.app.load(config)
    with life.context.database.write() as connection:
        for number in (1, 2):
            connection.execute(
                insert(subscriptions).values(
                    person_id=number, newsletter="evening", state="confirmed", joined_at=START
                )
            )
    return life


@pytest.mark.parametrize("part", ["cadences", "feeds", "writer"])
async def test_a_newsletter_whose_turn_raises_stops_no_other(life: Life, part: str) -> None:
    app = BrokenApp(life)
    broken = app.use(part, UnicodeError("label empty or too long"))
    life.context = app
    await life.run_until(SLOT - HOUR, step=12 * HOUR)
    await life.run_until(SLOT + HOUR, step=20 * MINUTE)
    assert broken.tried
    subjects = {mail.recipient for mail in life.letterbox.mails}
    assert len(life.letterbox.mails) == len(subjects) == 2
    failed = [key for key in life.told() if "UnicodeError: label empty or too long" in key]
    assert len(failed) == 1
    assert failed[0].startswith("weekly")


async def test_a_failing_turn_is_tried_by_the_steps_of_a_retry(life: Life) -> None:
    app = BrokenApp(life)
    broken = app.use("cadences", KeyError("what"))
    fence, tried_at = Fence(), []
    now = SLOT
    while now < SLOT + 5 * HOUR:
        before = broken.tried
        await tick(app, now, fence)
        if broken.tried > before:
            tried_at.append(round((now - SLOT) / MINUTE))
        now += MINUTE
    assert tried_at[:5] == [0, 1, 6, 21, 81]
    hourly = [late - early for early, late in pairwise(tried_at[4:])]
    assert all(50 <= wait <= 70 for wait in hourly)


def test_a_fence_forgets_a_turn_that_passed_and_a_wait_planned_by_a_wrong_clock() -> None:
    fence = Fence()
    fence.failed("a", SLOT)
    assert not fence.is_due("a", SLOT + timedelta(seconds=59))
    assert fence.is_due("a", SLOT + MINUTE)
    assert fence.is_due("a", SLOT - timedelta(days=700))
    assert fence.is_due("b", SLOT)
    fence.passed("a")
    assert fence.is_due("a", SLOT)


async def test_an_edition_that_cannot_be_sent_stops_no_other_newsletter(life: Life) -> None:
    class Raising(Letterbox):
        async def deliver(self, message: Message, mark: Mark) -> Attempt:
            if b"evening" not in message.content:
                raise ZeroDivisionError("a fault of ours")
            return await super().deliver(message, mark)

    life.letterbox = Raising()
    life.context = LivingApp(life)
    await life.run_until(SLOT, step=12 * HOUR)
    await dispatch(life.context, stop=asyncio.Event())
    assert len(life.letterbox.mails) == 2
    assert [key for key in life.told() if "ZeroDivisionError" in key]
