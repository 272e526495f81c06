"""Holding an edition, letting it go on, and giving it up."""

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
    #: Mails that are neither sent nor given up.
    open: int = 0
    sent: int = 0
    #: Mails that will not be sent any more.
    given_up: int = 0


def pause(context: RunContext, edition_id: int, reason: str, *, by: Actor) -> Hold:
    """Hold an edition; mails in hand are finished.

    Raises:
        UsageError: there is no such edition.
        NothingToDo: it is paused already, or at its end.
    """
    with context.database.write() as connection:
        stored = named_edition(connection, edition_id)
        if not approvals.pause(connection, edition_id, reason):
            raise NothingToDo(f"edition {edition_id}: {stored.state} already")
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


def resume(context: RunContext, edition_id: int, *, by: Actor) -> Hold:
    """Let a paused edition go on where it was; its audience counts as looked at.

    Raises:
        UsageError: there is no such edition.
        NothingToDo: it is not paused.
    """
    with context.database.write() as connection:
        stored = named_edition(connection, edition_id)
        if not approvals.resume(connection, edition_id):
            raise NothingToDo(f"edition {edition_id}: {stored.state}, not paused")
        approvals.accept_audience(connection, edition_id)
        record(
            context,
            connection,
            by,
            "resume",
            newsletter=stored.newsletter,
            edition_id=edition_id,
        )
        return Hold(edition_id=edition_id, state=named_edition(connection, edition_id).state)


def cancel(context: RunContext, edition_id: int, *, by: Actor) -> Hold:
    """Give an edition up: nothing more of it is sent, and its posts come with the next one.

    Raises:
        UsageError: there is no such edition.
        NothingToDo: it is at its end already.
    """
    with context.database.write() as connection:
        stored = named_edition(connection, edition_id)
        given_up = approvals.cancel(connection, edition_id, now=context.clock())
        if given_up is None:
            raise NothingToDo(f"edition {edition_id}: {stored.state} already")
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
