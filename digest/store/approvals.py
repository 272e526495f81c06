"""What a person decides of an edition: approve, pause, resume, cancel.

Each is one conditional step that says whether it was taken, so that repeating it is safe, and so
that two people, or a person and the scheduler, never undo each other unseen.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, update

from digest.models import DeliveryState, EditionState
from digest.store.closing import close_edition, give_up_rest
from digest.store.deliveries import IS_OPEN
from digest.store.editions import IS_DRAFT, OPEN
from digest.store.tables import deliveries, editions, slots

_PAUSABLE = (*OPEN, EditionState.SENDING)
_LIVE = (*_PAUSABLE, EditionState.PAUSED)
#: Where a paused edition goes on: where it came from.
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
        connection: of a write transaction.
        edition_id: which one.
        content_hash: what was looked at.
        approved_hash: of that content and the audience rule.

    Returns:
        False where it holds other content, is no draft any more, or was approved so already.
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
    return changed.rowcount == 1


def accept_audience(connection: Connection, edition_id: int) -> bool:
    """Let a draft go although its audience differs much from the last one's."""
    changed = connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, IS_DRAFT, editions.c.is_audience_accepted.is_(False))
        .values(is_audience_accepted=True)
    )
    return changed.rowcount == 1


def pause(connection: Connection, edition_id: int, reason: str) -> bool:
    """Hold an edition; what its workers have claimed goes back, only mails in hand are finished.

    False where it is paused already, or at its end.
    """
    changed = connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, editions.c.state.in_(_PAUSABLE))
        .values(state=EditionState.PAUSED, paused_reason=reason[:64])
    )
    if changed.rowcount == 0:
        return False
    connection.execute(
        update(deliveries)
        .where(
            IS_OPEN,
            deliveries.c.edition_id == edition_id,
            deliveries.c.state == DeliveryState.CLAIMED,
        )
        .values(state=DeliveryState.PENDING, worker="", claimed_at=None)
    )
    return True


def resume(connection: Connection, edition_id: int) -> bool:
    """Let a paused edition go on where it stood; False where it is not paused."""
    changed = connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, editions.c.state == EditionState.PAUSED)
        .values(state=_RESUMED, paused_reason="")
    )
    return changed.rowcount == 1


def cancel(connection: Connection, edition_id: int, *, now: datetime) -> int | None:
    """Give an edition up: nothing more of it is sent, and its posts come with the next one.

    The subscribers left over keep their windows open; before the freeze the slot is missed. A mail
    in hand at this moment is still finished and counted.

    Returns:
        How many deliveries were given up; None where the edition is at its end already.
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
            update(slots).where(slots.c.id == cancelled.slot_id).values(state="missed")
        )
        return 0
    left = give_up_rest(connection, edition_id, now=now)
    close_edition(connection, edition_id, now=now)
    return left
