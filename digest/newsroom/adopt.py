"""Adopts a database that was put back or copied, so that it may send again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.errors import Refused
from digest.models import Actor, LastSlot, Slot
from digest.newsroom.audit import record
from digest.newsroom.context import Cadence, RunContext
from digest.newsroom.state import read_database, with_slots_of
from digest.scheduler.slots import slots_between
from digest.store import adoption, copying
from digest.store.adoption import GivenUpSlot
from digest.store.engine import Connection
from digest.store.epoch import accept_restored
from digest.store.notices import drop_waiting
from digest.store.statefile import State, locked, read_state, write_state
from digest.text.counted import counted

__all__ = ["Adoption", "GivenUpSlot", "adopt"]

#: A slot in the earliest zone on earth starts this long before its hour in the latest.
_AROUND_THE_EARTH = timedelta(hours=27)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """The steps that made the database safe."""

    database: str
    state_file: str
    #: Whether the file was read; without it every slot up to now counts as sent.
    had_file: bool
    #: Recorded as missed, because their mail may have left; oldest first within a cadence.
    slots: tuple[GivenUpSlot, ...]
    #: Editions that were being sent, now paused.
    paused: tuple[int, ...]
    #: Number of subscriptions whose window moved to the newest post known.
    moved: int
    #: Number of notes to subscribers and alerts that waited and are not sent any more.
    dropped: int = 0


def adopt(context: RunContext, *, seen_now: bool, by: Actor) -> Adoption:
    """Make the database safe to send from, and write its state file.

    Args:
        context: the installation's context.
        seen_now: whether subscribers' windows move to the newest post known and waiting notes are
            dropped; if not, what was mailed after the copy was made may come again.
        by: the actor.

    Raises:
        StoreError: the database or the state file cannot be used.
    """
    database, path, now = context.database, context.database.state_file, context.clock()
    with locked(path):
        known = _read_or_none(context)
        with database.write() as connection:
            given_up = tuple(_give_up(context, connection, known, now))
            copying.clear_mark(connection, copying.MOVED)
            accept_restored(connection)
            paused = adoption.pause_sending(connection)
            moved = adoption.move_windows_to_now(connection) if seen_now else 0
            dropped = drop_waiting(connection) if seen_now else 0
            detail = (
                f"{counted(len(given_up), 'slot')} missed,"
                f" {counted(len(paused), 'edition')} paused, {counted(moved, 'window')}"
            )
            record(context, connection, by, "adopt database", detail=detail)
        _, found = read_database(database)
        write_state(path, with_slots_of(found, known) if known else found, now=now)
    return Adoption(
        database=database.name,
        state_file=str(path),
        had_file=known is not None,
        slots=given_up,
        paused=paused,
        moved=moved,
        dropped=dropped,
    )


def _read_or_none(context: RunContext) -> State | None:
    try:
        return read_state(context.database.state_file)
    except Refused:  # damaged, so it says nothing
        return None


def _give_up(
    context: RunContext, connection: Connection, known: State | None, now: datetime
) -> list[GivenUpSlot]:
    last = {(each.newsletter, each.cadence): each for each in known.last_slots} if known else {}
    given_up = []
    for newsletter in context.newsletters:
        for cadence in newsletter.cadences:
            names = (newsletter.name, cadence.name)
            if known is not None and names not in last:
                continue
            unsent = _unsent(connection, names, cadence, last.get(names), now)
            given_up += [
                adoption.give_up_slot(connection, *names, slot, now=now) for slot in unsent
            ]
    return given_up


def _unsent(
    connection: Connection,
    names: tuple[str, str],
    cadence: Cadence,
    last: LastSlot | None,
    now: datetime,
) -> list[Slot]:
    """Return the slots whose mail may have left, stored or not, oldest first."""
    plan = cadence.settings
    until = last.due_at if last else now + _AROUND_THE_EARTH
    frozen = adoption.last_frozen_at(connection, *names)
    # Of a cadence that never sent: what a command may still take up.
    since = frozen or (last.due_at if last else now) - plan.catch_up
    slots = [
        *slots_between(plan.schedule, plan.zone, after=since, until=until),
        *adoption.unsent_slots(connection, *names, until=until),
    ]
    if last is None:
        slots = [slot for slot in slots if plan.starts_at(slot) <= now]
    elif frozen is None or last.due_at > frozen:
        slots.append(Slot(local_at=last.local_at, due_at=last.due_at))
    done = adoption.given_up_slots(connection, *names)
    found = {slot.local_at: slot for slot in slots if slot.local_at not in done}
    return sorted(found.values(), key=lambda slot: slot.due_at)
