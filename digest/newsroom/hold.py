"""Pauses and cancels an edition."""

from __future__ import annotations

from dataclasses import dataclass

from digest.errors import NothingToDo
from digest.models import Actor, EditionState
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.store import approvals, closing


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An edition after it was paused, resumed or cancelled."""

    edition_id: int
    state: EditionState
    #: Number of deliveries that are neither sent nor ended.
    open: int = 0
    sent: int = 0
    #: Number of deliveries that were cancelled.
    given_up: int = 0


def pause(context: RunContext, edition_id: int, reason: str, *, by: Actor) -> Hold:
    """Pause an edition; handovers that have begun are finished.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: it is already paused, finished or cancelled.
    """
    with context.database.write() as connection:
        stored = named_edition(connection, edition_id)
        if not approvals.pause(connection, edition_id, reason):
            raise NothingToDo(f"edition {edition_id}: already {stored.state}")
        record(
            context,
            connection,
            by,
            "pause",
            newsletter=stored.newsletter,
            edition_id=edition_id,
            detail=reason,
        )
        account = closing.read_accounting(connection, edition_id)
    return Hold(edition_id=edition_id, state=EditionState.PAUSED, open=account.open)


def cancel(context: RunContext, edition_id: int, *, by: Actor) -> Hold:
    """Cancel an edition: no more of its mails are sent, and the next edition has its posts.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: it is already finished or cancelled.
    """
    with context.database.write() as connection:
        stored = named_edition(connection, edition_id)
        given_up = approvals.cancel(connection, edition_id, now=context.clock())
        if given_up is None:
            raise NothingToDo(f"edition {edition_id}: already {stored.state}")
        record(
            context,
            connection,
            by,
            "cancel",
            newsletter=stored.newsletter,
            edition_id=edition_id,
        )
        account = closing.read_accounting(connection, edition_id)
    return Hold(
        edition_id=edition_id,
        state=EditionState.CANCELLED,
        sent=account.sent,
        given_up=given_up,
    )
