"""`compose` and `send` by hand, with a clock that is a value: which slot is meant, and when."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select, update

from digest.errors import NothingToDo, Refused, UsageError
from digest.models import Actor, EditorChanges, StoredEdition
from digest.newsroom import Newsroom, use_cases
from digest.newsroom.service.dispatch import dispatch
from digest.newsroom.service.poll import poll
from digest.store.tables import deliveries
from subscribers.tables import subscriptions
from tests.support.life import SLOT, WEEKLY, Life

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EDITOR = Actor(name="editor")
REVIEWED = f'{WEEKLY}\nreview = "required"'


def life_at(folder: Path, now: datetime, *, config: str = WEEKLY) -> Life:
    """Return a newsletter whose feeds were read at this time, with nothing sent yet."""
    life = Life(folder, config=config)
    life.now = now
    asyncio.run(poll(life.context, now))
    return life


def room(life: Life) -> Newsroom:
    return Newsroom(life.context)


def compose(life: Life, *, is_extra: bool = False, cadence: str = "") -> StoredEdition:
    """Compose by hand what is meant; it must be one edition."""
    (made,) = room(life).compose("", cadence, by=EDITOR, is_extra=is_extra).drafts
    return stored(life, made.draft.edition_id)


def stored(life: Life, edition_id: int) -> StoredEdition:
    with life.context.database.read() as connection:
        return use_cases.editions.named_edition(connection, edition_id)


def send(life: Life, edition_id: int | None = None, *, is_at_once: bool = False) -> list[int]:
    """Send by hand; return the ids of the editions."""
    newsroom = room(life)
    found = newsroom.find_sendable("", edition_id, is_at_once=is_at_once)
    for each in found:
        frozen = newsroom.freeze(each, by=EDITOR, is_at_once=is_at_once)
        asyncio.run(newsroom.send(frozen))
    return [each.id for each in found]


def printed(life: Life) -> str:
    """Return the words of the last mail."""
    mail = message_from_bytes(life.letterbox.mails[-1].content, policy=policy.default)
    part = mail.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


def shown_as_used(life: Life) -> list[str]:
    return [each.local_at for each in room(life).plan(3).editions if each.is_used]


def due_times(life: Life) -> set[datetime]:
    with life.context.database.read() as connection:
        return set(connection.execute(select(deliveries.c.not_before)).scalars())


# --- which slot `compose` means -----------------------------------------------------------------


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=59), 23 * HOUR])
def test_after_the_hour_compose_means_the_slot_that_has_come(
    tmp_path: Path, late: timedelta
) -> None:
    life = life_at(tmp_path, SLOT + late)
    assert compose(life).local_at == "2026-11-23T07:00"
    assert send(life) == [1]
    assert len(life.letterbox.mails) == 2


@pytest.mark.parametrize("away", [timedelta(seconds=-1), -2 * DAY, 25 * HOUR])
def test_away_from_the_hour_compose_means_the_next_slot(tmp_path: Path, away: timedelta) -> None:
    life = life_at(tmp_path, SLOT + away)
    expected = "2026-11-30T07:00" if away > timedelta() else "2026-11-23T07:00"
    assert compose(life).local_at == expected
    with pytest.raises(Refused):
        send(life)
    assert life.letterbox.mails == []


def test_a_slot_that_was_sent_is_followed_by_the_next_one(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT)
    compose(life)
    send(life)
    life.now += 2 * DAY
    asyncio.run(poll(life.context, life.now))
    assert compose(life).local_at == "2026-11-30T07:00"
    with pytest.raises(Refused, match="not sent before its hour, Mon 2026-11-30 07:00 UTC"):
        send(life)
    assert len(life.letterbox.mails) == 2


@pytest.mark.parametrize("config", [WEEKLY, REVIEWED])
def test_a_missed_slot_is_taken_up_again_within_catch_up(tmp_path: Path, config: str) -> None:
    life = life_at(tmp_path, SLOT, config=config)
    first = compose(life)
    use_cases.hold.cancel(life.context, first.id, by=EDITOR)
    assert life.slot_states() == {"2026-11-23T07:00": "missed"}
    life.now = SLOT + 20 * HOUR
    again = compose(life)
    assert (again.id, again.local_at) == (2, "2026-11-23T07:00")
    if config == REVIEWED:
        asyncio.run(life.look())  # the scheduler leaves it to the editor
        assert life.edition_states() == ["cancelled", "draft"]
        use_cases.approve.approve(life.context, "weekly", 2, by=EDITOR)
    assert send(life) == [2]


def test_an_empty_slot_is_taken_up_again(tmp_path: Path) -> None:
    life = Life(tmp_path)
    life.paper.start = SLOT - timedelta(hours=35)  # the first post: an hour after the slot
    asyncio.run(life.live_until(SLOT + timedelta(minutes=30)))
    assert life.slot_states()["2026-11-23T07:00"] == "empty"
    life.now = SLOT + 3 * HOUR
    asyncio.run(poll(life.context, life.now))
    assert compose(life).local_at == "2026-11-23T07:00"


def test_every_cadence_whose_hour_has_come_is_composed_and_sent(tmp_path: Path) -> None:
    both = 'cadences = { weekly = "Mon 07:00", daily = "daily 07:00", monthly = "1st Tue 07:00" }'
    life = life_at(tmp_path, SLOT, config=both)
    with life.context.database.write() as connection:
        connection.execute(
            update(subscriptions).where(subscriptions.c.person_id == 2).values(cadence="daily")
        )
    done = room(life).compose("", "", by=EDITOR)
    assert [each.draft.edition.cadence for each in done.drafts] == ["weekly", "daily"]
    with pytest.raises(UsageError, match="--newsletter weekly --cadence daily"):
        room(life).compose("", "", by=EDITOR, changes=EditorChanges(subject="The bridge"))
    changed = room(life).compose("", "daily", by=EDITOR, changes=EditorChanges(subject="Again"))
    assert len(changed.drafts) == 1
    assert send(life) == [1, 2]
    assert len(life.letterbox.mails) == 2


# --- before its hour ----------------------------------------------------------------------------


def test_a_refusal_names_the_hour_and_the_ways(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - DAY)
    compose(life)
    with pytest.raises(Refused) as refused:
        send(life, 1)
    for words in ("Mon 2026-11-23 07:00 UTC", "digest run", "--now", "compose --extra"):
        assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_now_sends_today_and_uses_the_slot(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - 2 * DAY)
    assert compose(life).local_at == "2026-11-23T07:00"
    assert send(life, is_at_once=True) == [1]
    assert due_times(life) == {life.now}
    assert "Saturday, November 21" in printed(life)
    assert shown_as_used(life) == ["2026-11-23T07:00"]
    asyncio.run(life.live_until(SLOT + DAY))
    assert life.letterbox.per_subscriber() == {
        "subscriber1@example.net": 1,
        "subscriber2@example.net": 1,
    }
    asyncio.run(life.live_until(SLOT + 7 * DAY))
    assert set(life.letterbox.per_subscriber().values()) == {2}


def test_the_mail_prints_the_day_on_which_it_leaves(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT + 20 * HOUR)
    compose(life)
    send(life)
    assert "Tuesday, November 24" in printed(life)


def test_an_approval_does_not_depend_on_the_day_of_the_send(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - 2 * DAY, config=REVIEWED)
    compose(life)
    use_cases.approve.approve(life.context, "weekly", 1, by=EDITOR)
    life.now += DAY
    assert send(life, is_at_once=True) == [1]
    assert "Sunday, November 22" in printed(life)


@pytest.mark.parametrize("is_extra", [False, True])
def test_neither_now_nor_extra_replaces_approval(tmp_path: Path, *, is_extra: bool) -> None:
    life = life_at(tmp_path, SLOT - DAY, config=REVIEWED)
    compose(life, is_extra=is_extra)
    with pytest.raises(Refused, match="waits for approval"):
        send(life, is_at_once=True)


def test_now_needs_the_name_of_the_edition_if_there_are_two(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - DAY)
    compose(life)
    compose(life, is_extra=True)
    with pytest.raises(UsageError, match=r"name it: 1 \(weekly, 2026-11-23 07:00\), 2"):
        send(life, is_at_once=True)
    assert send(life, 1, is_at_once=True) == [1]


def test_with_local_delivery_the_hour_is_that_of_the_first_zone(tmp_path: Path) -> None:
    config = f'{WEEKLY}\ndeliver = "local"'
    first_zone = SLOT - 14 * HOUR
    life = life_at(tmp_path, first_zone - HOUR, config=config)
    compose(life)
    with pytest.raises(Refused, match="Sun 2026-11-22 17:00 UTC"):
        send(life)
    life.now = first_zone
    assert send(life) == [1]
    assert life.letterbox.mails == []  # each waits for its own hour
    assert due_times(life) == {SLOT}


def test_now_means_now_for_every_zone(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - 2 * DAY, config=f'{WEEKLY}\ndeliver = "local"')
    with life.context.database.write() as connection:
        connection.execute(
            update(subscriptions).where(subscriptions.c.person_id == 2).values(zone="Asia/Tokyo")
        )
    compose(life)
    assert send(life, is_at_once=True) == [1]
    assert due_times(life) == {life.now}
    assert len(life.letterbox.mails) == 2


# --- beside the calendar ------------------------------------------------------------------------


def test_an_extra_edition_is_sent_by_hand_only_and_leaves_the_slot_alone(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - 2 * DAY)
    asyncio.run(life.look())
    extra = compose(life, is_extra=True)
    assert (extra.is_extra, extra.hour) == (True, "2026-11-21 07:00 (extra)")
    life.now += HOUR
    asyncio.run(life.look())
    assert life.letterbox.mails == []
    assert compose(life, is_extra=True).id == extra.id
    assert send(life) == [extra.id]
    assert "Saturday, November 21" in printed(life)
    assert shown_as_used(life) == []
    asyncio.run(life.live_until(SLOT + HOUR))
    assert life.slot_states()["2026-11-23T07:00"] == "composed"
    assert set(life.letterbox.per_subscriber().values()) == {2}
    assert set(life.letterbox.stories("subscriber1@example.net").values()) == {1}


def test_an_extra_draft_and_that_of_a_slot_leave_each_other_alone(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - DAY)
    planned, extra = compose(life), compose(life, is_extra=True)
    assert (planned.number, extra.number) == (1, 2)
    assert [compose(life).id, compose(life, is_extra=True).id] == [planned.id, extra.id]
    assert life.edition_states() == ["draft", "draft"]


def test_run_goes_on_with_an_extra_edition_once_it_is_frozen(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - DAY)
    compose(life, is_extra=True)
    (found,) = room(life).find_sendable()
    room(life).freeze(found, by=EDITOR)
    asyncio.run(dispatch(life.context, stop=asyncio.Event()))
    assert len(life.letterbox.mails) == 2


def test_two_extra_editions_in_one_minute_are_two(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - DAY)
    compose(life, is_extra=True)
    send(life)
    life.paper.start -= timedelta(days=3)  # two more posts
    asyncio.run(poll(life.context, life.now + HOUR))
    assert compose(life, is_extra=True).id == 2
    assert send(life) == [2]


# --- what is sent without an id -----------------------------------------------------------------


def test_a_half_sent_edition_goes_on_and_the_draft_ahead_waits(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT)
    compose(life)
    (found,) = room(life).find_sendable()
    room(life).freeze(found, by=EDITOR)
    life.now += 2 * DAY
    asyncio.run(poll(life.context, life.now))
    compose(life)
    assert send(life) == [1]
    assert (stored(life, 1).state, stored(life, 2).state) == ("finished", "draft")


def test_nothing_to_send_is_said(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT)
    with pytest.raises(NothingToDo, match="run `digest compose`"):
        send(life)
    compose(life)
    send(life)
    with pytest.raises(NothingToDo, match="edition 1: already finished"):
        send(life, 1)


# --- what an edit or another schedule ends ------------------------------------------------------


def test_an_edit_that_voids_an_approval_says_so(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - DAY, config=REVIEWED)
    compose(life)
    use_cases.approve.approve(life.context, "weekly", 1, by=EDITOR)
    (same,) = room(life).compose(by=EDITOR).drafts
    assert (same.draft.notes, same.needs_approval) == ((), False)
    (edited,) = room(life).compose(by=EDITOR, changes=EditorChanges(subject="The mill")).drafts
    assert "its approval is void" in edited.draft.notes[0]
    assert "`digest approve 1`" in edited.draft.notes[0]
    assert edited.needs_approval


def test_another_schedule_that_cancels_a_waiting_draft_says_so(tmp_path: Path) -> None:
    life = life_at(tmp_path, SLOT - 20 * HOUR, config=REVIEWED)
    asyncio.run(life.look())
    asyncio.run(life.look())
    assert life.edition_states() == ["draft"]
    change_schedule(life, "Sun 20:00")
    life.now += HOUR
    asyncio.run(life.look())
    assert life.edition_states() == ["cancelled", "draft"]
    assert any("/note/edition 1 of weekly" in key for key in life.told())


def change_schedule(life: Life, schedule: str) -> None:
    (newsletter,) = life.app.config.newsletters
    changed = newsletter.model_copy(update={"schedule": schedule})
    life.app.config = life.app.config.model_copy(update={"newsletters": (changed,)})
    life.context = life.another_world()
