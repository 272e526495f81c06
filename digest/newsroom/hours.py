"""Decides which slots `compose` means, and whether the hour of an edition has come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from digest.models import Slot, StoredEdition
from digest.newsroom.context import Cadence, NewsletterContext, RunContext
from digest.scheduler.slots import first_hour
from digest.store import drafts, editions, slots
from digest.store.engine import Connection

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A slot of a cadence for which an edition is composed."""

    newsletter: NewsletterContext
    cadence: Cadence
    slot: Slot


# --- the slots that `compose` means -------------------------------------------------------------


def find_targets(context: RunContext, newsletter: str, cadence: str) -> tuple[Target, ...]:
    """Return the slots whose drafts a person means who runs `compose`.

    Of each newsletter these are the slots that have passed within `catch_up` and have no frozen
    edition; if there are none, it is the next slot of its first cadence without one.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name; empty for all.
        cadence: the cadence's name; empty for all.

    Raises:
        UsageError: the newsletter or the cadence does not exist, or the cadence is given and there
            are several newsletters.
    """
    is_one = bool(newsletter or cadence)
    wanted = (context.newsletter_of(newsletter),) if is_one else context.newsletters
    now = context.clock()
    with context.database.read() as connection:
        return tuple(
            target for each in wanted for target in _targets(connection, each, cadence, now)
        )


def extra_target(context: RunContext, newsletter: str, cadence: str) -> Target:
    """Return the slot beside the calendar: that of the draft there, else a new one.

    Raises:
        UsageError: the newsletter or the cadence does not exist, or no newsletter is given and
            there are several.
    """
    owner = context.newsletter_of(newsletter)
    chosen = owner.cadence(cadence)
    names = (owner.name, chosen.name)
    with context.database.read() as connection:
        draft = drafts.live_draft(connection, *names, is_extra=True)
        if draft is not None:
            slot = Slot(local_at=draft.local_at, due_at=draft.due_at, is_extra=True)
        else:
            slot = _extra_slot(context.clock(), chosen.settings.zone)
            # Two in one minute: the name of a slot is unique.
            while editions.has_frozen_edition(connection, *names, slot.local_at, is_extra=True):
                slot = _extra_slot(slot.due_at - _MINUTE, chosen.settings.zone)
    return Target(newsletter=owner, cadence=chosen, slot=slot)


def _extra_slot(now: datetime, zone: ZoneInfo) -> Slot:
    minute = now.replace(second=0, microsecond=0)
    local = minute.astimezone(zone).replace(tzinfo=None)
    return Slot(
        local_at=local.isoformat(timespec="minutes"), due_at=minute.astimezone(UTC), is_extra=True
    )


def _targets(
    connection: Connection, owner: NewsletterContext, cadence: str, now: datetime
) -> Iterator[Target]:
    chosen = (owner.cadence(cadence),) if cadence else owner.cadences
    passed = [(each, _passed_slot(connection, owner, each, now)) for each in chosen]
    found = [(each, slot) for each, slot in passed if slot is not None]
    for each, slot in found or [(chosen[0], _next_slot(connection, owner, chosen[0], now))]:
        yield Target(newsletter=owner, cadence=each, slot=slot)


def _passed_slot(
    connection: Connection, owner: NewsletterContext, cadence: Cadence, now: datetime
) -> Slot | None:
    """Return the newest slot whose hour has come, if it may still get its edition."""
    settings, names = cadence.settings, (owner.name, cadence.name)
    slot = settings.passed_slot(now)
    if _is_used(connection, *names, slot):
        return None
    draft = drafts.live_draft(connection, *names)
    # A draft may wait for its approval longer than an edition is caught up.
    is_waiting = draft is not None and draft.local_at == slot.local_at
    until = settings.send_until(slot) if is_waiting else settings.catch_up_until(slot)
    return slot if now <= until else None


def _next_slot(
    connection: Connection, owner: NewsletterContext, cadence: Cadence, now: datetime
) -> Slot:
    names = (owner.name, cadence.name)
    return next(
        slot
        for slot in cadence.settings.coming_slots(now)
        if not _is_used(connection, *names, slot)
    )


def _is_used(connection: Connection, newsletter: str, cadence: str, slot: Slot) -> bool:
    """Whether mails of a slot have left, or may have left before the database was restored."""
    names = (newsletter, cadence, slot.local_at)
    return editions.has_frozen_edition(connection, *names) or slots.is_given_up(connection, *names)


# --- the hour of an edition ---------------------------------------------------------------------


def hour_of(context: RunContext, stored: StoredEdition) -> datetime | None:
    """Return when the first mail of an edition is due by its slot; None if it has no hour.

    With local delivery it is the hour of the first zone.
    """
    if stored.is_extra:
        return None
    owner = context.newsletter_of(stored.newsletter)
    audience = owner.audience_of(stored.cadence, stored.local_at)
    slot = Slot(local_at=stored.local_at, due_at=stored.due_at)
    return first_hour(slot, is_local=audience.is_local)


def is_ahead(context: RunContext, stored: StoredEdition, now: datetime) -> bool:
    """Return whether an edition is not frozen and its hour has not come."""
    hour = hour_of(context, stored)
    return stored.frozen_at is None and hour is not None and now < hour


def shown_hour(context: RunContext, stored: StoredEdition) -> str:
    """Return the hour of an edition for people, such as `Mon 2026-11-23 07:00 Europe/Berlin`."""
    hour, zone = hour_of(context, stored), context.newsletter_of(stored.newsletter).timezone
    return f"{hour.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M} {zone}" if hour else stored.hour
