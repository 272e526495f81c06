"""Freezes an edition: checks its approval and audience, then writes its deliveries."""

from __future__ import annotations

import time

from digest.errors import Refused
from digest.models import Actor, StoredEdition
from digest.newsroom.approval_notes import tell_void
from digest.newsroom.approve import require_approval
from digest.newsroom.audit import entry
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.newsroom.jump import jump_of
from digest.pipeline.freeze import Confirm
from digest.pipeline.freeze import freeze as freeze_edition


def freeze(
    context: RunContext,
    stored: StoredEdition,
    *,
    by: Actor,
    any_audience: bool = False,
    is_at_once: bool = False,
    confirm: Confirm | None = None,
) -> int:
    """Write the deliveries of a draft, if it may be sent.

    Args:
        context: the installation's context.
        stored: a draft, or an approved edition.
        by: the actor.
        any_audience: whether the audience may differ much from the last one.
        is_at_once: whether every mail is due now, also with local delivery.
        confirm: called in the transaction that freezes; if it returns False, nothing is written.

    Returns:
        The number of deliveries written.

    Raises:
        Refused: it is not approved, a check finds an error, its audience differs too much, another
            process changed it, or `confirm` returned False.
        NothingToDo: no subscriber would get a mail.
        TemplateError: a template cannot be rendered.
    """
    owner = context.newsletter_of(stored.newsletter)
    audience = owner.audience_of(stored.cadence, stored.local_at)
    approved = require_approval(stored, audience, is_review_required=owner.is_reviewed)
    if not any_audience and (jump := jump_of(context, stored)):
        raise Refused(
            f"edition {stored.id}: {jump}; see `digest plan`, and if that is right, run"
            f" `digest send {stored.id} --yes-audience`"
        )
    started = time.monotonic()
    try:
        count = freeze_edition(
            context.database,
            stored,
            owner.writer,
            audience,
            keys=context.keys,
            now=context.clock(),
            is_at_once=is_at_once or stored.is_extra,
            approved_hash=approved,
            audit=entry(context, by, "freeze", newsletter=stored.newsletter, edition_id=stored.id),
            confirm=confirm,
        )
    except Refused:
        _tell_if_void(context, stored)
        raise
    context.observer.took("freeze", time.monotonic() - started)
    context.observer.frozen(stored.id, count)
    return count


def _tell_if_void(context: RunContext, stored: StoredEdition) -> None:
    """Notify the approvers if the freeze voided their approval."""
    with context.database.read() as connection:
        present = named_edition(connection, stored.id)
    is_changed = present.content_hash != stored.content_hash
    if stored.approved_hash and not present.approved_hash and is_changed:
        why = "a check leaves out something that was approved"
        tell_void(context, present, why, now=context.clock())
