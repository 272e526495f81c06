"""`digest run` while a relay refuses: it tries again by steps, tells once, and closes truly."""

# ruff: noqa: ARG002 - a double takes what the real one takes
from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from digest.errors import RelaySetupError
from digest.models import Message, Reply
from digest.newsroom.service.watch import watch
from digest.sender.attempt import Attempt, Fate
from digest.sender.work import Work
from digest.store.tables import deliveries
from subscribers.tables import subscriptions
from tests.support.life import SLOT, Letterbox, Life
from tests.support.mailers import Mark

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)


@dataclass
class Refusing(Letterbox):
    """A relay that refuses every mail, or never answers."""

    fate: Fate = Fate.POLICY
    #: How many mails came, by the minute after the slot.
    tries: dict[int, int] = field(default_factory=dict)
    life: Life | None = None

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Refuse one mail."""
        assert self.life is not None
        minute = (self.life.now - SLOT) // MINUTE
        self.tries[minute] = self.tries.get(minute, 0) + 1
        if not await mark():
            return Attempt(fate=Fate.SKIPPED)
        number = sum(self.tries.values())
        reply = None if self.fate is Fate.UNKNOWN else Reply(code=554, text=f"5.7.1 no ({number})")
        return Attempt(fate=self.fate, reply=reply, relay="relay:25", reason="content: cut")


class Forgetful(Letterbox):
    """A relay that never answers every second mail."""

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Accept one mail."""
        attempt = await super().deliver(message, mark)
        if len(self.mails) % 2:
            return attempt
        return Attempt(fate=Fate.UNKNOWN, reason="content: timed out", relay="relay:25")


def refuse(life: Life, fate: Fate = Fate.POLICY) -> Refusing:
    refusing = Refusing(fate=fate, life=life)
    life.letterbox = refusing
    return refusing


def states(life: Life) -> dict[str, int]:
    with life.context.database.read() as connection:
        found = connection.execute(select(deliveries.c.state)).scalars().all()
    return {state: found.count(state) for state in sorted(set(found))}


@pytest.fixture
def on_each_engine(engine: str, tmp_path: Path) -> Iterator[Life]:
    with closing(Life(tmp_path, subscribers=100, engine=engine)) as life:
        yield life


async def test_a_relay_that_refuses_everything_is_tried_again_by_steps(
    on_each_engine: Life,
) -> None:
    life = on_each_engine
    await life.live_until(SLOT - HOUR)
    working, refusing = life.letterbox, refuse(life)
    life.now = SLOT
    await life.run_until(SLOT + 21 * MINUTE, step=MINUTE)
    await life.run_until(SLOT + 91 * MINUTE, step=5 * MINUTE)
    # After 1, 5, 15 and 60 minutes; the rows never tried go first.
    assert refusing.tries == {0: 20, 1: 20, 6: 20, 21: 20, 81: 20}
    assert states(life) == {"deferred": 100}
    assert life.edition_states() == ["sending"]
    assert [key for key in life.told() if "/send/" in key] == [
        "weekly/weekly/2026-11-23T07:00/send/refused"
    ]
    life.letterbox = working
    await life.run_until(SLOT + 4 * HOUR, step=10 * MINUTE)
    assert states(life) == {"sent": 100}
    assert life.edition_states() == ["finished"]


async def test_what_was_refused_for_a_day_is_in_the_next_edition(tmp_path: Path) -> None:
    life = Life(tmp_path, subscribers=30)
    await life.live_until(SLOT - HOUR)
    working = life.letterbox
    refuse(life)
    await life.live_until(SLOT + 27 * HOUR)
    assert states(life) == {"failed": 30}
    assert life.edition_states() == ["finished"]
    life.letterbox = working
    await life.run_until(SLOT + WEEK - HOUR, step=6 * HOUR)
    await life.live_until(SLOT + WEEK + HOUR)
    first = set(working.stories("subscriber1@example.net"))
    assert set(range(life.paper.count(SLOT + WEEK))) - first == set()


async def test_those_whose_mail_was_never_answered_wait_and_the_operator_is_told(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path, subscribers=10)
    await life.live_until(SLOT - HOUR)
    working = life.letterbox
    refuse(life, Fate.UNKNOWN)
    await life.live_until(SLOT + HOUR)
    assert (states(life), life.edition_states()) == ({"unknown": 10}, ["finished"])
    told = [watch(life.context, life.now) for _ in range(2)]
    assert ["weekly/edition 1/unknown" in keys for keys in told] == [True, False]
    life.letterbox = working
    with life.context.database.read() as connection:
        assert set(connection.execute(select(subscriptions.c.seen_seq)).scalars()) != {None}
    await life.run_until(SLOT + WEEK - HOUR, step=6 * HOUR)
    await life.live_until(SLOT + WEEK + HOUR)
    assert working.mails == []


async def test_those_who_wait_do_not_hold_the_edition_of_the_others(tmp_path: Path) -> None:
    life = Life(tmp_path, subscribers=120)
    await life.live_until(SLOT - HOUR)
    working, life.letterbox = life.letterbox, Forgetful()
    await life.live_until(SLOT + HOUR)
    assert states(life) == {"sent": 60, "unknown": 60}
    life.letterbox = working
    await life.run_until(SLOT + WEEK - HOUR, step=6 * HOUR)
    await life.live_until(SLOT + WEEK + HOUR)
    assert life.edition_states() == ["finished", "finished"]
    assert states(life) == {"sent": 120, "unknown": 60}
    assert set(working.per_subscriber().values()) == {1}


async def test_a_wrong_password_is_told_once_and_tried_by_steps(tmp_path: Path) -> None:
    life = Life(tmp_path)
    await life.live_until(SLOT - HOUR)
    opened: list[int] = []

    class Closed(Letterbox):
        async def send(self, work: Work) -> None:
            assert await work.wait()
            opened.append((life.now - SLOT) // MINUTE)
            raise RelaySetupError("relay:25: refuses the user name or password (535)")

    life.letterbox = Closed()
    life.now = SLOT
    await life.run_until(SLOT + 30 * MINUTE, step=MINUTE)
    assert opened == [0, 1, 6, 21]
    assert life.told() == ["weekly/weekly/2026-11-23T07:00/send/setup"]
