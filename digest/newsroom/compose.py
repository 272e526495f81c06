"""Composes or refreshes a draft, with an editor's changes."""

from __future__ import annotations

from digest.models import Actor, EditorChanges, Slot
from digest.newsroom.audit import entry
from digest.newsroom.context import RunContext
from digest.pipeline.compose import Draft
from digest.pipeline.compose import compose as compose_edition

__all__ = ["Draft", "compose"]


def compose(
    context: RunContext,
    newsletter: str,
    cadence: str,
    *,
    by: Actor,
    slot: Slot | None = None,
    changes: EditorChanges | None = None,
) -> Draft:
    """Make the draft of a slot, or refresh it.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        cadence: the cadence's name; empty for the newsletter's first.
        by: the actor.
        slot: the slot; None for the next one without a frozen edition.
        changes: the editor's changes; None for none.

    Raises:
        UsageError: the cadence or a post does not exist, or the subject is too long.
        NothingToDo: there are too few new posts, or the slot's edition is already frozen.
    """
    owner = context.newsletter_of(newsletter)
    chosen = owner.cadence(cadence)
    asked = changes or EditorChanges()
    draft = compose_edition(
        context.database,
        chosen.rules,
        chosen.settings.schedule,
        now=context.clock(),
        slot=slot,
        max_window=owner.max_window,
        changes=asked,
        audit=entry(
            context,
            by,
            "change" if asked.is_any else "compose",
            newsletter=newsletter,
            detail=_named(asked),
        ),
    )
    if draft.is_changed:
        local_at = draft.edition.slot.replace("T", " ")
        context.observer.composed(draft.edition_id, f"{newsletter} ({chosen.name}), {local_at}")
    return draft


def _named(changes: EditorChanges) -> str:
    """Return the names of the changes, such as `pin 12 14, subject`."""
    posts = {
        "pin": changes.pin,
        "drop": changes.drop,
        "next": changes.next_time,
        "reset": changes.reset,
    }
    texts = {
        "subject": changes.subject,
        "preheader": changes.preheader,
        "intro": changes.intro,
    }
    named = [f"{what} {' '.join(map(str, ids))}" for what, ids in posts.items() if ids]
    return ", ".join([*named, *(what for what, text in texts.items() if text is not None)])
