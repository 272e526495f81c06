"""Settling the mails that a crash left without an answer."""

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
    """Settle an edition's `unknown` deliveries.

    Args:
        context: the installation.
        newsletter: its name.
        edition_id: which edition; None: the newsletter's newest of which mails were sent.
        resend: send them again; False: count them as sent.
        by: who decides it.

    Returns:
        The edition, and how many deliveries were settled.

    Raises:
        UsageError: there is no such edition.
        NothingToDo: no delivery of it is unknown.
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
        raise NothingToDo(f"edition {stored.id}: nothing is in doubt")
    return stored.id, count
