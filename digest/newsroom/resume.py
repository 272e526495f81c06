"""Resumes an edition; apart from its pause, which is to be quick and needs no audience."""

from __future__ import annotations

from digest.errors import NothingToDo
from digest.models import Actor, EditionState
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.newsroom.hold import Hold
from digest.newsroom.jump import count_audience
from digest.store import approvals


def resume(context: RunContext, edition_id: int, *, by: Actor) -> Hold:
    """Continue a paused edition where it was; the present audience of a draft is accepted.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: the edition is not paused.
    """
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
    is_draft = stored.frozen_at is None and stored.state is EditionState.PAUSED
    audience = count_audience(context, stored) if is_draft else None
    with context.database.write() as connection:
        if not approvals.resume(connection, edition_id):
            raise NothingToDo(f"edition {edition_id}: not paused, but {stored.state}")
        if audience is not None:
            approvals.accept_audience(connection, edition_id, audience)
        record(
            context,
            connection,
            by,
            "resume",
            newsletter=stored.newsletter,
            edition_id=edition_id,
        )
        return Hold(edition_id=edition_id, state=named_edition(connection, edition_id).state)
