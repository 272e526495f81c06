"""`digest run` over weeks: outages, clock jumps, failing feeds, editors who do not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import RelayError
from digest.models import Actor, Message
from digest.newsroom import Newsroom
from digest.sender.attempt import Attempt
from digest.sender.work import Work
from digest.store.drafts import open_draft
from tests.support.life import SLOT, WEEKLY, Letterbox, Life
from tests.support.mailers import Mark

pytestmark = [pytest.mark.anyio, pytest.mark.long]

SUBSCRIBERS = ("subscriber1@example.net", "subscriber2@example.net")
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


def everything_once(life: Life) -> bool:
    """Return whether each subscriber got each post known at the last slot once."""
    count = life.paper.count(life.now - HOUR)
    return all(
        life.letterbox.stories(subscriber) == dict.fromkeys(range(count), 1)
        for subscriber in SUBSCRIBERS
    )


async def test_week_after_week_each_subscriber_gets_each_post_once(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT + WEEK + HOUR)
    assert life.letterbox.per_subscriber() == dict.fromkeys(SUBSCRIBERS, 2)
    assert everything_once(life)
    assert life.edition_states() == ["finished"] * 2
    assert life.told() == []


@pytest.mark.parametrize(
    ("down", "late", "missed"),
    [
        (timedelta(minutes=1), 1, 0),
        (5 * HOUR, 1, 0),
        (3 * DAY, 0, 1),
        (5 * WEEK, 0, 5),
    ],
    ids=["minute", "hours", "days", "weeks"],
)
async def test_after_an_outage_at_most_one_late_edition_comes_and_no_post_is_lost(
    tmp_path: Path, down: timedelta, late: int, missed: int
) -> None:
    life = Life(tmp_path, config=WEEKLY)
    await life.live_until(SLOT - 30 * SECOND)
    life.now += down
    await life.look()
    assert life.letterbox.per_subscriber() == (dict.fromkeys(SUBSCRIBERS, 1) if late else {})
    next_slot = SLOT + WEEK * (1 + (life.now - SLOT) // WEEK)
    await life.live_until(next_slot + HOUR)
    assert life.letterbox.per_subscriber() == dict.fromkeys(SUBSCRIBERS, late + 1)
    assert everything_once(life)
    assert list(life.slot_states().values()).count("missed") == missed
    assert len([key for key in life.told() if key.endswith("/missed")]) == min(missed, 1)


# --- clocks -------------------------------------------------------------------------------------


@dataclass
class Interrupted(Letterbox):
    """A mailer that calls a function at its first mail."""

    happens: Callable[[], None] = lambda: None

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Accept one mail."""
        attempt = await super().deliver(message, mark)
        if len(self.mails) == 1:
            self.happens()
        return attempt


@pytest.mark.parametrize("jump", [-3 * HOUR, 9 * DAY], ids=["back", "forward"])
async def test_a_clock_jump_during_a_run_sends_nothing_twice_and_leaves_nothing_open(
    tmp_path: Path, jump: timedelta
) -> None:
    life = Life(tmp_path, subscribers=20)

    def jump_the_clock() -> None:
        life.now += jump

    life.letterbox = Interrupted(happens=jump_the_clock)
    await life.live_until(SLOT)
    await life.live_until(max(life.now, SLOT) + 3 * DAY)
    assert set(life.letterbox.per_subscriber().values()) == {1}
    assert len(life.letterbox.per_subscriber()) == 20
    assert life.edition_states() == ["finished"]
    await life.live_until(SLOT + 2 * WEEK + HOUR)
    assert set(life.edition_states()) == {"finished"}
    stories = life.letterbox.stories(SUBSCRIBERS[0])
    assert set(stories.values()) == {1}
    assert set(range(life.paper.count(life.now - HOUR))) == set(stories)


async def test_a_clock_set_back_at_the_freeze_makes_no_second_edition(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT + HOUR)
    life.now = SLOT - 3 * HOUR
    await life.live_until(SLOT + 2 * HOUR)
    assert life.edition_states() == ["finished"]
    assert life.letterbox.per_subscriber() == dict.fromkeys(SUBSCRIBERS, 1)


# --- two processes ------------------------------------------------------------------------------


async def test_two_ticks_at_once_make_one_edition(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT - HOUR)
    life.now = SLOT
    others = [life.another_world() for _ in range(4)]
    await asyncio.gather(life.look(), *map(life.look, others))
    assert life.edition_states() == ["finished"]
    assert life.letterbox.per_subscriber() == dict.fromkeys(SUBSCRIBERS, 1)
    assert life.told() == []


# --- feeds --------------------------------------------------------------------------------------


async def test_with_all_feeds_down_the_edition_waits_for_them(tmp_path: Path) -> None:
    life = Life(tmp_path, config='schedule = "daily 07:00"')
    await life.live_until(SLOT)
    life.letterbox.mails.clear()
    life.paper.is_down = True
    await life.live_until(SLOT + DAY + HOUR)
    tuesday = "2026-11-24T07:00"
    assert life.slot_states()[tuesday] == "feeds_down"
    assert f"weekly/weekly/{tuesday}/feeds_down" in life.told()
    life.paper.is_down = False
    await life.live_until(SLOT + DAY + 20 * HOUR)
    assert life.slot_states()[tuesday] == "composed"
    assert life.letterbox.per_subscriber() == dict.fromkeys(SUBSCRIBERS, 1)


async def test_feeds_that_stay_down_miss_the_slot(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT - 6 * DAY)
    life.paper.is_down = True
    life.now = SLOT - HOUR
    with life.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE feeds SET read_at = NULL")
    await life.live_until(SLOT + DAY + 2 * HOUR)
    assert life.slot_states()["2026-11-23T07:00"] == "missed"
    assert life.edition_states() == []


async def test_a_feed_is_read_on_its_interval_and_less_often_while_it_fails(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.run_until(life.now + 5 * HOUR)
    assert life.paper.asked == 6
    life.paper.is_down = True
    await life.run_until(life.now + 15 * HOUR)
    # An hour after the last answer, then after two, four and eight hours.
    assert life.paper.asked == 6 + 4


# --- without posts, without subscribers ---------------------------------------------------------


async def test_a_week_without_posts_is_empty_and_its_slot_never_comes_again(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.paper.start = SLOT + DAY
    await life.live_until(SLOT + HOUR)
    assert life.slot_states()["2026-11-23T07:00"] == "empty"
    await life.live_until(SLOT + WEEK + HOUR)
    assert life.slot_states()["2026-11-23T07:00"] == "empty"
    assert everything_once(life)


async def test_an_edition_without_subscribers_leaves_its_slot_empty(tmp_path: Path) -> None:
    life = Life(tmp_path, subscribers=0)
    await life.live_until(SLOT + HOUR)
    assert life.slot_states()["2026-11-23T07:00"] == "empty"
    assert life.edition_states() == ["cancelled"]


async def test_a_relay_that_is_down_is_reported_and_its_edition_goes_later(tmp_path: Path) -> None:
    life = Life(tmp_path)
    working = life.letterbox

    class Down(Letterbox):
        async def send(self, work: Work) -> None:
            assert await work.wait()
            raise RelayError("relay 127.0.0.1:25: no answer")

    life.letterbox = Down()
    await life.live_until(SLOT - HOUR)
    await life.run_until(SLOT + HOUR)
    assert life.edition_states() == ["sending"]
    assert len([key for key in life.told() if "no answer" in key]) == 1
    life.letterbox = working
    await life.look()
    assert life.letterbox.per_subscriber() == dict.fromkeys(SUBSCRIBERS, 1)


# --- approval -----------------------------------------------------------------------------------

REVIEWED = f'{WEEKLY}\nreview = "required"\napprovers = ["editor@example.org"]'
KEY = "weekly/weekly/2026-11-23T07:00"


async def test_nothing_leaves_without_approval_and_the_posts_carry_over(tmp_path: Path) -> None:
    life = Life(tmp_path, config=REVIEWED)
    await life.live_until(SLOT - DAY - HOUR)
    assert life.edition_states() == []
    await life.live_until(SLOT + 13 * HOUR)
    assert life.letterbox.mails == []
    assert life.edition_states() == ["cancelled"]
    waits = [f"{KEY}/{stage}" for stage in ("drafted", "due", "halfway")]
    assert [key for key in life.told() if key in waits] == waits
    assert [key for key in life.told() if key.startswith(KEY) and key.endswith("/missed")]
    await life.live_until(SLOT + WEEK - HOUR)
    approve(life)
    await life.live_until(SLOT + WEEK + HOUR)
    assert set(life.letterbox.stories(SUBSCRIBERS[0])) >= set(range(life.paper.count(SLOT)))


async def test_an_approved_draft_is_sent_unchanged_at_its_slot(tmp_path: Path) -> None:
    life = Life(tmp_path, config=REVIEWED)
    await life.live_until(SLOT - 14 * HOUR)
    known = life.paper.count(life.now)
    approve(life)
    await life.live_until(SLOT - HOUR)
    assert life.letterbox.mails == []
    await life.run_until(SLOT)
    assert set(life.letterbox.stories(SUBSCRIBERS[0])) == set(range(known))


def approve(life: Life) -> None:
    with life.context.database.read() as connection:
        draft = open_draft(connection, "weekly", "weekly")
    assert draft is not None
    Newsroom(life.context).newsletter().approve(draft.id, by=Actor(name="anna"))


async def test_an_audience_jump_blocks_the_edition(tmp_path: Path) -> None:
    life = Life(tmp_path, subscribers=60)
    await life.live_until(SLOT)
    with life.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE subscriptions SET state = 'left' WHERE person_id > 5")
    life.letterbox.mails.clear()
    await life.live_until(SLOT + WEEK + HOUR)
    assert life.edition_states() == ["finished", "paused"]
    assert life.letterbox.mails == []


async def test_with_local_time_each_subscriber_gets_mail_at_their_own_hour(tmp_path: Path) -> None:
    life = Life(tmp_path, config=f'{WEEKLY}\ndeliver = "local"')
    with life.context.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE subscriptions SET zone = 'Pacific/Auckland' WHERE person_id = 1"
        )
    await life.live_until(SLOT - 14 * HOUR)
    assert life.edition_states() == ["sending"]
    await life.live_until(SLOT - 13 * HOUR)
    assert life.letterbox.per_subscriber() == {SUBSCRIBERS[0]: 1}
    await life.live_until(SLOT)
    assert life.letterbox.per_subscriber() == dict.fromkeys(SUBSCRIBERS, 1)
    assert life.edition_states() == ["finished"]
