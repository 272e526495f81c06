"""The feeds are read once more right before an edition is composed at its slot."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from digest.newsroom.context import RunContext
from digest.newsroom.service.poll import poll, read_before_slot
from digest.newsroom.service.tick import tick
from tests.support.life import EVERY, SLOT, WEEKLY, Life

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
FEED = frozenset({"https://hill.example.org/feed"})


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """Return a feed with one post, and a second one five minutes before the slot."""
    life = Life(tmp_path)
    life.paper.start = SLOT - 5 * MINUTE - 2 * EVERY
    return life


def at(life: Life, when: datetime) -> RunContext:
    life.now = when
    return life.context


async def test_a_post_published_since_the_last_interval_is_in(life: Life) -> None:
    await life.live_until(SLOT - 2 * HOUR)
    await life.run_until(SLOT - 10 * MINUTE)
    await tick(at(life, SLOT), SLOT)
    await life.look()
    assert set(life.letterbox.stories("subscriber1@example.net")) == {0, 1}


async def test_a_feed_that_was_read_since_the_slot_is_not_read_again(life: Life) -> None:
    await poll(at(life, SLOT + MINUTE), SLOT + MINUTE)
    asked = life.paper.asked
    now = SLOT + 2 * MINUTE
    await read_before_slot(at(life, now), FEED, now, slot_at=SLOT)
    assert life.paper.asked == asked


async def test_hours_later_a_feed_is_read_again(life: Life) -> None:
    await poll(at(life, SLOT + MINUTE), SLOT + MINUTE)
    asked = life.paper.asked
    now = SLOT + 30 * MINUTE
    await read_before_slot(at(life, now), FEED, now, slot_at=SLOT)
    assert life.paper.asked > asked


async def test_a_feed_that_fails_keeps_its_longer_interval(life: Life) -> None:
    life.paper.is_down = True
    await poll(at(life, SLOT - MINUTE), SLOT - MINUTE)
    asked = life.paper.asked
    await read_before_slot(at(life, SLOT), FEED, SLOT, slot_at=SLOT)
    assert life.paper.asked == asked


async def test_other_feeds_are_left_alone(life: Life) -> None:
    await read_before_slot(at(life, SLOT), frozenset(), SLOT, slot_at=SLOT)
    assert life.paper.asked == 0


async def test_a_slow_feed_does_not_hold_the_edition(life: Life) -> None:
    ended: list[str] = []

    async def never(*_: Any, **__: Any) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("given up")

    real = at(life, SLOT)
    slow = SimpleNamespace(
        database=real.database, sources=real.sources, read_feeds=never, observer=real.observer
    )
    read = partial(read_before_slot, cast("RunContext", slow), FEED, SLOT, slot_at=SLOT)
    await asyncio.wait_for(read(patience_s=0.01), timeout=5)
    assert ended == ["given up"]


async def test_a_refresh_of_a_waiting_draft_reads_nothing(tmp_path: Path) -> None:
    life = Life(tmp_path, config=f'{WEEKLY}\nreview = "required"')
    await life.live_until(SLOT - 2 * HOUR)
    await life.run_until(SLOT - 2 * MINUTE)
    assert life.edition_states() == ["draft"]
    asked = life.paper.asked
    await tick(at(life, SLOT + 20 * MINUTE), SLOT + 20 * MINUTE)
    assert life.paper.asked == asked
