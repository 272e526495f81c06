"""Takes the approval of an edition back, until it is frozen."""

from __future__ import annotations

from digest.errors import NothingToDo
from digest.models import Actor
from digest.models.examinations import ApprovalMark
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.store import approvals, examinations


def withdraw(context: RunContext, edition_id: int, *, by: Actor) -> None:
    """Make an approved edition a draft again; nothing of it has been sent.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: it is not approved, or its mails are already being sent.
    """
    with context.database.write() as connection:
        stored = named_edition(connection, edition_id)
        if not approvals.withdraw(connection, edition_id):
            raise NothingToDo(_why_not(edition_id, is_sent=stored.frozen_at is not None))
        examinations.mark(
            connection,
            edition_id,
            stored.approved_hash,
            ApprovalMark.WITHDRAWN,
            by=by.name[:64],
            at=context.clock(),
        )
        record(
            context,
            connection,
            by,
            "withdraw approval",
            newsletter=stored.newsletter,
            edition_id=edition_id,
            detail=stored.approved_hash[:12],
        )


def _why_not(edition_id: int, *, is_sent: bool) -> str:
    if is_sent:
        return (
            f"edition {edition_id}: too late to take the approval back, its mails are being sent;"
            f" run `digest pause {edition_id}` or `digest cancel {edition_id}`"
        )
    return f"edition {edition_id}: not approved, so there is no approval to take back"
