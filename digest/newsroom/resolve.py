"""Settles the unknown deliveries of an edition."""

from __future__ import annotations

from digest.errors import NothingToDo
from digest.models import Actor
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.editions import sent_edition
from digest.store import closing


def resolve(
    context: RunContext, newsletter: str, edition_id: int | None, *, resend: bool, by: Actor
) -> tuple[int, int]:
    """Settle an edition's `unknown` deliveries: mails that were handed over and never answered.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        edition_id: the edition's id; None for the newsletter's newest edition with sent mails.
        resend: True to send them again, False to count them as sent.
        by: the actor.

    Returns:
        The edition's id, and the number of deliveries settled.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: the edition has no unknown delivery.
    """
    with context.database.write() as connection:
        stored = sent_edition(connection, newsletter, edition_id)
        if resend:
            count = closing.resend_unknown(connection, stored.id)
        else:
            count = closing.assume_sent(connection, stored.id)
            closing.close_edition(connection, stored.id, now=context.clock())
        if count:
            record(
                context,
                connection,
                by,
                "resolve",
                newsletter=stored.newsletter,
                edition_id=stored.id,
                detail=f"{count} {'to be sent again' if resend else 'assumed sent'}",
            )
    if count == 0:
        raise NothingToDo(
            f"edition {stored.id}: it has no unknown deliveries; see `digest status {stored.id}`"
        )
    return stored.id, count
