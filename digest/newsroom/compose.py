"""Composes or refreshes a draft, with an editor's changes."""

from __future__ import annotations

from digest.errors import FeedsDown, NothingToDo
from digest.models import Accounts, Actor, EditorChanges, Slot
from digest.newsroom.audit import entry
from digest.newsroom.context import RunContext
from digest.pipeline.accounts import account as account_edition
from digest.pipeline.compose import Draft
from digest.pipeline.compose import account_next as account_posts
from digest.pipeline.compose import compose as compose_edition
from digest.store.feeds import feed_facts

__all__ = ["Draft", "account", "account_next", "compose", "feed_trouble"]


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
        FeedsDown: there are too few new posts, and no feed could be read.
        Refused: a post to include is mailed already.
    """
    owner = context.newsletter_of(newsletter)
    chosen = owner.cadence(cadence)
    asked = changes or EditorChanges()
    try:
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
    except NothingToDo as error:
        if trouble := feed_trouble(context, newsletter):
            raise FeedsDown(f"{error}; {trouble}") from error
        raise
    if draft.is_changed:
        local_at = draft.edition.slot.replace("T", " ")
        context.observer.composed(draft.edition_id, f"{newsletter} ({chosen.name}), {local_at}")
    return draft


def feed_trouble(context: RunContext, newsletter: str) -> str:
    """Return since when no feed of a newsletter could be read; empty if one could be read."""
    urls = context.newsletter_of(newsletter).feeds
    with context.database.read() as connection:
        facts = feed_facts(connection, sorted(urls))
    if not facts or not all(each.failures or each.gone_at for each in facts):
        return ""
    read = max((each.read_at for each in facts if each.read_at), default=None)
    since = f"since {read:%Y-%m-%d %H:%M} UTC" if read else "so far"
    which = f"none of its {len(facts)} feeds could" if len(facts) > 1 else "its feed could not"
    return f"{which} be read {since}; see `digest feeds list`"


def account(context: RunContext, draft: Draft) -> Accounts:
    """Return the posts that an edition does not show, and why; also posts kept from before."""
    return account_edition(context.database, draft.edition)


def account_next(context: RunContext, newsletter: str, cadence: str) -> Accounts:
    """Return the posts since the last edition, and why they make no edition."""
    owner = context.newsletter_of(newsletter)
    chosen = owner.cadence(cadence)
    return account_posts(
        context.database,
        chosen.rules,
        chosen.settings.schedule,
        now=context.clock(),
        max_window=owner.max_window,
    )


def _named(changes: EditorChanges) -> str:
    """Return the names of the changes, such as `pin 12 14, subject`."""
    posts = {
        "pin": changes.pin,
        "drop": changes.drop,
        "next": changes.next_time,
        "reset": changes.reset,
        "include": changes.include,
    }
    texts = {
        "subject": changes.subject,
        "preheader": changes.preheader,
        "intro": changes.intro,
    }
    named = [f"{what} {' '.join(map(str, ids))}" for what, ids in posts.items() if ids]
    return ", ".join([*named, *(what for what, text in texts.items() if text is not None)])
