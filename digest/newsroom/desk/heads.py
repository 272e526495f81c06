"""Reads the header of an edition's pages."""

from __future__ import annotations

from digest.errors import UsageError
from digest.models import StoredEdition
from digest.newsroom.context import RunContext
from digest.newsroom.desk.rows import EditionHead
from digest.newsroom.editions import named_edition


def read_head(context: RunContext, edition_id: int) -> EditionHead:
    """Return the header of an edition.

    Raises:
        UsageError: the edition does not exist.
    """
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
    return head_of(context, stored)


def head_of(context: RunContext, stored: StoredEdition) -> EditionHead:
    """Return the header of a stored edition."""
    title, timezone = names_of(context, stored.newsletter)
    return EditionHead(
        id=stored.id,
        newsletter=title,
        name=stored.newsletter,
        cadence=stored.cadence,
        number=stored.number,
        state=stored.state,
        paused_reason=stored.paused_reason,
        slot=stored.local_at,
        due_at=stored.due_at,
        timezone=timezone,
        is_frozen=stored.frozen_at is not None,
    )


def names_of(context: RunContext, newsletter: str) -> tuple[str, str]:
    """Return a newsletter's title and zone; if no longer configured, its name and no zone."""
    try:
        owner = context.newsletter_of(newsletter)
    except UsageError:
        return newsletter, ""
    return owner.title, owner.timezone
