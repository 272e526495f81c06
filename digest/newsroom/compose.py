"""Making a draft, or refreshing it, with what an editor asks of it."""

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
        context: the installation.
        newsletter: its name.
        cadence: its name; empty: the newsletter's first.
        by: who asks for it.
        slot: which one; None: the next that has no frozen edition.
        changes: what an editor asks of it; None: nothing.

    Raises:
        UsageError: there is no such cadence or post, or a subject is too long.
        NothingToDo: too few new posts, or the slot's edition has left already.
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
    """Return which parts are changed, such as `pin 12 14, subject`."""
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
