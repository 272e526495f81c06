"""Approves, pauses, resumes and cancels editions.

Each function is one conditional update that returns whether it changed something. So repeating it
is safe, and two people, or a person and the scheduler, never undo each other unnoticed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, update

from digest.models import EditionState, EventKind
from digest.store.closing import close_edition, give_up_rest
from digest.store.deliveries import IS_HELD, give_back
from digest.store.editions import IS_DRAFT, OPEN, UNFROZEN
from digest.store.events import add_edition_event
from digest.store.tables import deliveries, editions, slots

_PAUSABLE = (*OPEN, EditionState.SENDING)
_LIVE = (*_PAUSABLE, EditionState.PAUSED)
#: The state of an edition before its pause, to which it returns.
_RESUMED = case(
    (editions.c.frozen_at.is_not(None), EditionState.SENDING.value),
    (editions.c.approved_hash != "", EditionState.APPROVED.value),
    else_=EditionState.DRAFT.value,
)


def approve(
    connection: Connection, edition_id: int, *, content_hash: str, approved_hash: str
) -> bool:
    """Approve a draft.

    Args:
        connection: the connection of a write transaction.
        edition_id: the edition's id.
        content_hash: the hash of the reviewed content.
        approved_hash: the hash of that content and the audience rule.

    Returns:
        False if the edition has other content, is not a draft any more, or was already approved
        with this hash.
    """
    changed = connection.execute(
        update(editions)
        .where(
            editions.c.id == edition_id,
            editions.c.state.in_(OPEN),
            editions.c.content_hash == content_hash,
            editions.c.approved_hash != approved_hash,
        )
        .values(state=EditionState.APPROVED, approved_hash=approved_hash)
    )
    if changed.rowcount == 1:
        add_edition_event(connection, EventKind.EDITION_APPROVED, edition_id)
    return changed.rowcount == 1


def withdraw(connection: Connection, edition_id: int) -> bool:
    """Make an approved edition a draft again; False if it is not approved, or already frozen.

    What was accepted of its audience is no longer accepted: the next approval asks again.
    """
    changed = connection.execute(
        update(editions)
        .where(
            editions.c.id == edition_id,
            editions.c.approved_hash != "",
            editions.c.frozen_at.is_(None),
            editions.c.state.in_(UNFROZEN),
        )
        .values(
            approved_hash="",
            is_audience_accepted=False,
            accepted_audience=None,
            state=case(
                (editions.c.state == EditionState.PAUSED.value, EditionState.PAUSED.value),
                else_=EditionState.DRAFT.value,
            ),
        )
    )
    return changed.rowcount == 1


def accept_audience(connection: Connection, edition_id: int, subscribers: int) -> None:
    """Accept that a draft's audience, of this number, differs much from the last edition's."""
    connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, IS_DRAFT)
        .values(is_audience_accepted=True, accepted_audience=subscribers)
    )


def pause(connection: Connection, edition_id: int, reason: str) -> bool:
    """Pause an edition: claimed deliveries go back; mails being handed over are finished.

    Returns:
        False if it is already paused, or has ended.
    """
    changed = connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, editions.c.state.in_(_PAUSABLE))
        .values(state=EditionState.PAUSED, paused_reason=reason[:64])
    )
    if changed.rowcount == 0:
        return False
    connection.execute(give_back(IS_HELD, deliveries.c.edition_id == edition_id))
    add_edition_event(connection, EventKind.EDITION_PAUSED, edition_id, reason=reason)
    return True


def resume(connection: Connection, edition_id: int) -> bool:
    """Return a paused edition to its state before the pause; False if it is not paused."""
    changed = connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, editions.c.state == EditionState.PAUSED)
        .values(state=_RESUMED, paused_reason="")
    )
    return changed.rowcount == 1


def cancel(connection: Connection, edition_id: int, *, now: datetime) -> int | None:
    """Cancel an edition: no more of it is sent, and its posts come with the next edition.

    The windows of subscribers who did not get it do not move; before the freeze, its slot becomes
    `missed`. A mail that is being handed over at this moment is still finished and counted.

    Returns:
        The number of skipped deliveries; None if the edition has already ended.
    """
    cancelled = connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, editions.c.state.in_(_LIVE))
        .values(state=EditionState.CANCELLED, paused_reason="")
        .returning(editions.c.slot_id, editions.c.frozen_at)
    ).first()
    if cancelled is None:
        return None
    if cancelled.frozen_at is None:
        connection.execute(
            update(slots)
            .where(slots.c.id == cancelled.slot_id)
            .values(state="missed", reason="", is_reported=False)
        )
        return 0
    left = give_up_rest(connection, edition_id, now=now)
    close_edition(connection, edition_id, now=now)
    return left
