"""Settles the unknown deliveries of an edition."""

from __future__ import annotations

from dataclasses import dataclass

from digest.errors import NothingToDo, Refused
from digest.models import Actor, EditionState, Resolution
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition, sent_edition
from digest.store import closing, unknown_deliveries
from digest.store.engine import Connection
from digest.store.waiting import count_waiting
from digest.store.workers import list_hung
from digest.text.counted import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The deliveries that were settled."""

    edition_id: int
    #: The edition's state afterwards.
    state: EditionState
    count: int
    #: Subscribers who got no edition because of these and get editions again.
    waited: int
    #: With `ASSUME_LOST`: subscribers who have a later edition, so that none will cover this one.
    uncovered: int = 0


def resolve(
    context: RunContext,
    newsletter: str,
    edition_id: int | None,
    how: Resolution,
    *,
    by: Actor,
    seen: int | None = None,
) -> Resolved:
    """Settle an edition's `unknown` deliveries: mails that were handed over and never answered.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        edition_id: the edition's id; None for the newsletter's newest edition with sent mails.
        how: the decision.
        by: the actor.
        seen: the number of unknown deliveries that the actor saw; None if it was not asked for.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: the edition has no unknown delivery.
        Refused: it has another number of them; its mails should be sent again, but it was
            cancelled; or they should be sent again or count as lost, but a process that hangs may
            still send them.
    """
    with context.database.write() as connection:
        stored = sent_edition(connection, newsletter, edition_id)
        if stored.frozen_at is None:
            raise _nothing_unknown(stored.id)
        if seen is not None:
            _refuse_unseen(connection, stored.id, seen)
        resolved = _resolve(context, connection, stored.id, how)
        if resolved.count:
            record(
                context,
                connection,
                by,
                "resolve",
                newsletter=stored.newsletter,
                edition_id=stored.id,
                detail=f"{resolved.count} {how}",
            )
    if resolved.count == 0:
        raise _nothing_unknown(stored.id)
    return resolved


def _refuse_unseen(connection: Connection, edition_id: int, seen: int) -> None:
    unknown = closing.read_accounting(connection, edition_id).unknown
    if unknown != seen:
        raise Refused(
            f"edition {edition_id}: nothing was settled: it has {counted(unknown, 'unknown mail')},"
            f" and {seen} was given; look again, then give the present number"
        )


def _nothing_unknown(edition_id: int) -> NothingToDo:
    return NothingToDo(
        f"edition {edition_id}: it has no unknown deliveries; see `digest status {edition_id}`"
    )


def _resolve(
    context: RunContext, connection: Connection, edition_id: int, how: Resolution
) -> Resolved:
    now = context.clock()
    waited = sum(
        each.subscribers for each in count_waiting(connection) if each.edition_id == edition_id
    )
    uncovered = 0
    if how is not Resolution.ASSUME_SENT:
        _refuse_if_hung(context, connection, edition_id)
    match how:
        case Resolution.RESEND:
            count = unknown_deliveries.resend_unknown(connection, edition_id, now=now)
        case Resolution.ASSUME_SENT:
            count = unknown_deliveries.assume_sent(connection, edition_id)
        case Resolution.ASSUME_LOST:
            lost = unknown_deliveries.assume_lost(connection, edition_id)
            count, uncovered = lost.count, lost.uncovered
    closing.close_edition(connection, edition_id, now=now)
    return Resolved(
        edition_id=edition_id,
        state=named_edition(connection, edition_id).state,
        count=count,
        waited=waited,
        uncovered=uncovered,
    )


def _refuse_if_hung(context: RunContext, connection: Connection, edition_id: int) -> None:
    """Refuse if a process lives that may still send what it was handing over."""
    hung = {each.name: each for each in list_hung(connection) if each.edition_id == edition_id}
    dead = context.database.dead_workers(connection, hung)
    for name, each in hung.items():
        if name not in dead:
            raise Refused(
                f"edition {edition_id}: a process hangs that may still send some of these mails:"
                f" {each}; then run this again"
            )
