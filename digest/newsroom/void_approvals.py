"""Finds approvals that this version of the program does not accept any more."""

from __future__ import annotations

from digest.errors import DigestError
from digest.models import EditionState, StoredEdition
from digest.newsroom.approve import require_approval
from digest.newsroom.context import RunContext
from digest.pipeline.prepare import prepare
from digest.store.edition_list import list_editions
from digest.store.engine import Database
from subscribers.errors import SubscriberError


def find_void_approvals(context: RunContext, database: Database) -> tuple[str, ...]:
    """Return a line for each approved edition that could not be sent as it was approved.

    Raises:
        StoreError: the database cannot be used.
    """
    with database.read() as connection:
        listed = list_editions(connection, None)
    approved = [each.edition for each in listed if each.edition.state is EditionState.APPROVED]
    return tuple(reason for stored in approved if (reason := _why_void(context, database, stored)))


def _why_void(context: RunContext, database: Database, stored: StoredEdition) -> str:
    """Return why an approval is void; empty if it is valid. The letters are written as for it."""
    try:
        owner = context.newsletter_of(stored.newsletter)
        audience = owner.audience_of(stored.cadence, stored.local_at)
        require_approval(stored, audience, is_review_required=True)
        prepared = prepare(database, stored, owner.writer, audience, now=context.clock())
    except (DigestError, SubscriberError) as error:
        return str(error)
    if any(finding.is_error for finding in prepared.findings):
        return f"edition {stored.id}: blocked by an error; see `digest check {stored.id}`"
    if prepared.content_hash == stored.content_hash:
        return ""
    return (
        f"edition {stored.id}: a check now leaves out something that was approved; look at it"
        f" with `digest check {stored.id}`, then run `digest approve {stored.id}`"
    )
