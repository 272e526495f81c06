"""Audit rows: each change stores one, with the actor, the time, the action and the edition."""

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
    """Return the audit row of a change.

    Args:
        context: the installation's context, for the time.
        by: the actor.
        action: the use case, such as `approve`.
        newsletter: the newsletter's name; empty if the change concerns the whole installation.
        edition_id: the edition's id; None if the change concerns no edition.
        detail: the change in a few words; never an address.
    """
    return AuditEntry(
        at=context.clock(),
        actor=by.name,
        action=action,
        newsletter=newsletter,
        edition_id=edition_id,
        detail=detail,
        token=by.token,
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
    """Store the audit row of a change in the change's transaction; arguments as for `entry`."""
    add_entry(
        connection,
        entry(context, by, action, newsletter=newsletter, edition_id=edition_id, detail=detail),
    )
