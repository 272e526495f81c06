"""Settles the unknown deliveries of an edition."""

from __future__ import annotations

from dataclasses import dataclass

from digest.errors import NothingToDo
from digest.models import Actor, Resolution
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.editions import sent_edition
from digest.store import closing
from digest.store.engine import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The deliveries that were settled."""

    edition_id: int
    count: int
    #: With `ASSUME_LOST`: subscribers who have a later edition, so that none will cover this one.
    uncovered: int = 0


def resolve(
    context: RunContext, newsletter: str, edition_id: int | None, how: Resolution, *, by: Actor
) -> Resolved:
    """Settle an edition's `unknown` deliveries: mails that were handed over and never answered.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        edition_id: the edition's id; None for the newsletter's newest edition with sent mails.
        how: the decision.
        by: the actor.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: the edition has no unknown delivery.
    """
    with context.database.write() as connection:
        stored = sent_edition(connection, newsletter, edition_id)
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
        raise NothingToDo(
            f"edition {stored.id}: it has no unknown deliveries; see `digest status {stored.id}`"
        )
    return resolved


def _resolve(
    context: RunContext, connection: Connection, edition_id: int, how: Resolution
) -> Resolved:
    now = context.clock()
    if how is Resolution.RESEND:
        count = closing.resend_unknown(connection, edition_id, now=now)
        return Resolved(edition_id=edition_id, count=count)
    uncovered = 0
    if how is Resolution.ASSUME_LOST:
        lost = closing.assume_lost(connection, edition_id)
        count, uncovered = lost.count, lost.uncovered
    else:
        count = closing.assume_sent(connection, edition_id)
    closing.close_edition(connection, edition_id, now=now)
    return Resolved(edition_id=edition_id, count=count, uncovered=uncovered)
