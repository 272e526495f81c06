"""The audit table: one row for each requested change."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, insert, select

from digest.models import AuditEntry
from digest.store.tables import audit


def add_entry(connection: Connection, entry: AuditEntry) -> None:
    """Store an entry in the transaction that makes the change."""
    connection.execute(insert(audit).values(asdict(entry)))


def entries_of(connection: Connection, edition_id: int) -> tuple[AuditEntry, ...]:
    """Return the entries about an edition, oldest first."""
    rows = connection.execute(
        select(audit).where(audit.c.edition_id == edition_id).order_by(audit.c.id)
    )
    return tuple(
        AuditEntry(
            at=row.at,
            actor=row.actor,
            action=row.action,
            newsletter=row.newsletter,
            edition_id=row.edition_id,
            detail=row.detail,
            token=row.token,
        )
        for row in rows
    )
