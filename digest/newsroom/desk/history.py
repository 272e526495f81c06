"""Reads who did what with an edition."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models import AuditEntry
from digest.newsroom.context import RunContext
from digest.newsroom.desk.heads import head_of
from digest.newsroom.desk.rows import EditionHead
from digest.newsroom.editions import named_edition
from digest.store.audit import entries_of


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The changes to one edition."""

    head: EditionHead
    #: Newest first.
    entries: tuple[AuditEntry, ...]


def read_history(context: RunContext, edition_id: int) -> History:
    """Return the changes to an edition.

    Raises:
        UsageError: the edition does not exist.
    """
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
        entries = entries_of(connection, edition_id)
    return History(head=head_of(context, stored), entries=entries[::-1])
