"""Composes or refreshes drafts, with an editor's changes."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from digest.errors import FeedsDown, NothingToDo, UsageError
from digest.models import Accounts, Actor, EditionState, EditorChanges, Slot, Step
from digest.newsroom.approval_notes import tell_void
from digest.newsroom.audit import entry
from digest.newsroom.composing.words import describe
from digest.newsroom.context import Cadence, RunContext
from digest.newsroom.counts import count_for_draft
from digest.newsroom.editions import named_edition
from digest.newsroom.hours import Target, extra_target, find_targets, is_ahead, shown_hour
from digest.pipeline.accounts import account
from digest.pipeline.compose import Draft, Editing
from digest.pipeline.compose import account_next as account_posts
from digest.pipeline.compose import compose as compose_edition
from digest.pipeline.poll import find_repeat
from digest.store.feeds import feed_facts
from digest.store.posts import titles_of

__all__ = [
    "ComposedDraft",
    "Composition",
    "Draft",
    "account_next",
    "compose",
    "compose_by_hand",
]

_NO_CHANGES = EditorChanges()
_BY_HAND = Editing()
#: The names of changes in audit rows.
_ACTIONS = {Step.EDIT: "change", Step.UNDO: "undo", Step.REDO: "redo"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedDraft:
    """A draft that a person composed, and what is next."""

    draft: Draft
    #: Its hour, such as `Mon 2026-11-23 07:00 Europe/Berlin`.
    hour: str
    #: Whether its hour has not come.
    is_ahead: bool
    #: Whether it is beside the calendar.
    is_extra: bool
    #: Whether it needs approval, and has none.
    needs_approval: bool
    #: Whether it is not sent until `digest resume`.
    is_paused: bool
    #: The posts that it does not show, and why; also posts kept from before.
    accounts: Accounts
    #: Since when no feed of the newsletter could be read; empty if one could be read.
    feed_trouble: str
    #: The edition that asked the configured poll's question before; None if the question is new.
    poll_asked_in: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """The result of `compose_by_hand`."""

    #: At least one.
    drafts: tuple[ComposedDraft, ...]
    #: Why slots got no draft, one line each.
    empty: tuple[str, ...]


def compose_by_hand(
    context: RunContext,
    newsletter: str,
    cadence: str,
    *,
    by: Actor,
    is_extra: bool = False,
    changes: EditorChanges = _NO_CHANGES,
    step: Step = Step.EDIT,
) -> Composition:
    """Make or refresh the drafts that a person means; see `find_targets`.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name; empty for all.
        cadence: the cadence's name; empty for all.
        by: the actor.
        is_extra: whether the draft beside the calendar is meant, which uses no slot.
        changes: the editor's changes.
        step: whether the last change is undone, or made again.

    Raises:
        UsageError: the newsletter, the cadence or a post does not exist, the subject is too long,
            or there are changes and more than one edition is meant.
        NothingToDo: no draft could be made; FeedsDown if no feed of a newsletter could be read.
    """
    targets = (
        (extra_target(context, newsletter, cadence),)
        if is_extra
        else find_targets(context, newsletter, cadence)
    )
    is_edit = changes.is_any or step is not Step.EDIT
    if is_edit and len(targets) > 1:
        meant = ", ".join(map(_options_of, targets))
        raise UsageError(f"these changes are for one edition; name it with one of: {meant}")
    drafts: list[ComposedDraft] = []
    reasons: list[NothingToDo] = []
    for target in targets:
        try:
            drafts.append(_compose_target(context, target, by, changes, step))
        except NothingToDo as reason:
            reasons.append(reason)
    lines = tuple(map(str, reasons))
    if not drafts:
        is_down = any(isinstance(reason, FeedsDown) for reason in reasons)
        raise (FeedsDown if is_down else NothingToDo)("\n".join(lines))
    return Composition(drafts=tuple(drafts), empty=lines)


def _options_of(target: Target) -> str:
    """Return the options that name one target; a newsletter with one cadence needs no second."""
    owner = target.newsletter
    cadence = f" --cadence {target.cadence.name}" if len(owner.cadences) > 1 else ""
    return f"--newsletter {owner.name}{cadence}"


def _compose_target(
    context: RunContext, target: Target, by: Actor, changes: EditorChanges, step: Step
) -> ComposedDraft:
    owner = target.newsletter
    draft = compose(
        context,
        owner.name,
        target.cadence.name,
        by=by,
        slot=target.slot,
        changes=changes,
        editing=Editing(step=step),
    )
    with context.database.read() as connection:
        stored = named_edition(connection, draft.edition_id)
        poll_asked_in = find_repeat(connection, target.cadence.rules)
    return ComposedDraft(
        draft=draft,
        hour=shown_hour(context, stored),
        is_ahead=is_ahead(context, stored, context.clock()),
        is_extra=stored.is_extra,
        needs_approval=owner.is_reviewed and not stored.approved_hash,
        is_paused=stored.state is EditionState.PAUSED,
        accounts=account(context.database, draft.edition),
        feed_trouble=_feed_trouble(context, owner.name),
        poll_asked_in=poll_asked_in,
    )


def compose(
    context: RunContext,
    newsletter: str,
    cadence: str,
    *,
    by: Actor,
    slot: Slot,
    changes: EditorChanges = _NO_CHANGES,
    editing: Editing = _BY_HAND,
) -> Draft:
    """Make the draft of a slot, or refresh it.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        cadence: the cadence's name; empty for the newsletter's first.
        by: the actor.
        slot: the slot.
        changes: the editor's changes.
        editing: how the draft is changed.

    Raises:
        UsageError: the cadence or a post does not exist, or a text cannot be used.
        NothingToDo: there are too few new posts, or the slot's edition is already frozen.
        FeedsDown: there are too few new posts, and no feed could be read.
        Refused: a post to include is mailed already, or a change cannot be undone.
        StaleDraft: the draft is not the one that the editor saw.
    """
    owner = context.newsletter_of(newsletter)
    chosen = owner.cadence(cadence)
    _refuse_asked(context, chosen, changes)
    is_edit = changes.is_any or editing.step is not Step.EDIT
    started = time.monotonic()
    try:
        draft = compose_edition(
            context.database,
            chosen.rules,
            chosen.settings.schedule,
            now=context.clock(),
            slot=slot,
            max_window=owner.max_window,
            segment=owner.segment,
            changes=changes,
            judge=owner.judge,
            audit=entry(
                context,
                by,
                _ACTIONS[editing.step] if is_edit else "compose",
                newsletter=newsletter,
                detail=describe(changes, _titles(context, changes)),
            ),
            editing=editing,
        )
    except NothingToDo as error:
        if trouble := _feed_trouble(context, newsletter):
            raise FeedsDown(f"{error}; {trouble}") from error
        raise
    context.observer.took("compose", time.monotonic() - started)
    if draft.is_void:
        _tell_void(context, draft)
    count_for_draft(context, newsletter)
    if draft.is_changed:
        local_at = draft.edition.slot.replace("T", " ")
        context.observer.composed(draft.edition_id, f"{newsletter} ({chosen.shown}), {local_at}")
    return draft


def _tell_void(context: RunContext, draft: Draft) -> None:
    """Notify the approvers that a change by any door voided their approval."""
    with context.database.read() as connection:
        stored = named_edition(connection, draft.edition_id)
    tell_void(context, stored, "its content changed", now=context.clock())


def _feed_trouble(context: RunContext, newsletter: str) -> str:
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


def account_next(
    context: RunContext, newsletter: str, cadence: str, *, is_extra: bool = False
) -> tuple[Accounts, ...]:
    """Return the posts since the last edition, and why they make none, for each edition meant."""
    targets = (
        (extra_target(context, newsletter, cadence),)
        if is_extra
        else find_targets(context, newsletter, cadence)
    )
    return tuple(
        account_posts(
            context.database,
            target.cadence.rules,
            slot=target.slot,
            now=context.clock(),
            max_window=target.newsletter.max_window,
            segment=target.newsletter.segment,
        )
        for target in targets
    )


def _titles(context: RunContext, changes: EditorChanges) -> dict[int, str]:
    named = {*changes.posts, *changes.include}
    if not named:
        return {}
    with context.database.read() as connection:
        return titles_of(connection, sorted(named))


def _refuse_asked(context: RunContext, cadence: Cadence, changes: EditorChanges) -> None:
    """Check that a poll does not repeat the cadence's last question."""
    if changes.poll is None or not changes.poll.question:
        return
    rules = cadence.rules
    asked = replace(rules, masthead=replace(rules.masthead, poll=changes.poll))
    with context.database.read() as connection:
        edition_id = find_repeat(connection, asked)
    if edition_id is not None:
        raise UsageError(f"the poll: edition {edition_id} asked the same question; ask another one")
