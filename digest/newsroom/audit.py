"""The row that each change leaves: who, when, what, in which edition."""

from __future__ import annotations

from digest.models import Actor, AuditEntry
from digest.newsroom.context import RunContext
from digest.store.audit import add_entry
from digest.store.engine import Connection


def entry(
    context: RunContext,
    by: Actor,
    action: str,
    *,
    newsletter: str = "",
    edition_id: int | None = None,
    detail: str = "",
) -> AuditEntry:
    """Return the row of a change.

    Args:
        context: gives the time.
        by: who asked for it.
        action: the use case, such as `approve`.
        newsletter: empty if the change concerns the whole installation.
        edition_id: None if the change concerns no edition.
        detail: what changed, in a few words; never an address.
    """
    return AuditEntry(
        at=context.clock(),
        actor=by.name,
        action=action,
        newsletter=newsletter,
        edition_id=edition_id,
        detail=detail,
    )


def record(
    context: RunContext,
    connection: Connection,
    by: Actor,
    action: str,
    *,
    newsletter: str = "",
    edition_id: int | None = None,
    detail: str = "",
) -> None:
    """Store the row of a change in the transaction that makes it; arguments as for `entry`."""
    add_entry(
        connection,
        entry(context, by, action, newsletter=newsletter, edition_id=edition_id, detail=detail),
    )
