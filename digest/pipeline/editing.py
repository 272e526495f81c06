"""Stores one change of a draft with what it takes to undo it, and refuses one that comes late."""

from __future__ import annotations

from dataclasses import dataclass, replace

from digest.composer.snapshot import edition_from_json
from digest.errors import NothingToDo, Refused, StaleDraft, UsageError
from digest.models import (
    NEXT_LEAD,
    AuditEntry,
    Choice,
    DraftEdit,
    EditedState,
    Edition,
    EditorChanges,
    IncludedPost,
    Step,
    StoredEdition,
    Typed,
)
from digest.pipeline.choosing import (
    include_posts,
    record_choices,
    retype,
    tie_to_lead,
    typed_from_json,
    typed_to_json,
)
from digest.store import choices, edits, unmailed
from digest.store.audit import add_entry
from digest.store.engine import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A change of a draft that is stored; the draft is composed again after it."""

    step: Step
    edit: DraftEdit
    #: Whether posts were included, so that the draft has to reach up to them.
    has_included: bool


def record_edit(
    connection: Connection,
    draft: StoredEdition,
    changes: EditorChanges,
    audit: AuditEntry,
    *,
    skips: str,
    seen: int | None,
) -> Recorded | None:
    """Store an editor's changes of a draft; None if they change nothing.

    Args:
        connection: a connection with a write transaction.
        draft: the draft.
        changes: the changes.
        audit: the audit row; its detail also names the change when it is to be undone.
        skips: the draft as `cadence/slot`.
        seen: the version of the draft that the editor saw; None if it does not matter.

    Raises:
        StaleDraft: the draft has another version.
        UsageError: see `record_choices`.
        Refused: a post to include is mailed already.
    """
    _refuse_stale(draft, seen)
    known = choices.read_choices(connection, draft.newsletter)
    included = unmailed.included_posts(connection, changes.include)
    include_posts(connection, changes.include, now=audit.at)
    edition = edition_from_json(draft.snapshot)
    record_choices(connection, draft.newsletter, changes, skips=skips, edition=edition)
    after = choices.read_choices(connection, draft.newsletter)
    typed = typed_from_json(draft.typed), retype(draft.typed, changes)
    changed = sorted(each for each in {*known, *after} if known.get(each) != after.get(each))
    has_texts = _differ(*typed) or _is_tied_anew(*typed, edition)
    if not changed and not included and not has_texts:
        return None
    edits.save_typed(connection, draft.id, typed_to_json(typed[1]))
    version = _next_version(connection, draft)
    edits.add_edit(
        connection,
        draft.id,
        version=version,
        at=audit.at,
        actor=audit.actor,
        what=audit.detail,
        before=_state(known, changed, typed[0] if has_texts else None, included),
        after=_state(after, changed, typed[1] if has_texts else None),
    )
    return _recorded(connection, draft, Step.EDIT, audit)


def record_undo(
    connection: Connection,
    draft: StoredEdition,
    step: Step,
    audit: AuditEntry,
    *,
    seen: int | None,
) -> Recorded:
    """Take the last change of a draft back, or make the last one again that was taken back.

    Raises:
        StaleDraft: the draft has another version.
        NothingToDo: there is no such change.
        Refused: another draft changed the same since, or a post is mailed already.
    """
    _refuse_stale(draft, seen)
    is_undo = step is Step.UNDO
    find = edits.last_done if is_undo else edits.first_undone
    edit = find(connection, draft.id)
    if edit is None:
        raise NothingToDo(f"edition {draft.id}: no change to {step}")
    _refuse_changed(connection, draft, edit, is_undo=is_undo)
    _restore(connection, draft, edit, audit, is_undo=is_undo)
    version = _next_version(connection, draft)
    edits.mark_undone(connection, edit.id, version=version, is_undone=is_undo)
    return _recorded(connection, draft, step, audit)


def take_back(
    connection: Connection, draft: StoredEdition, recorded: Recorded, audit: AuditEntry
) -> None:
    """Restore what a change that could not be carried out has stored."""
    is_undo = recorded.step is not Step.UNDO
    _restore(connection, draft, recorded.edit, audit, is_undo=is_undo)
    version = _next_version(connection, draft)
    if recorded.step is Step.EDIT:
        edits.take_back_edit(connection, draft.id, recorded.edit.version)
    else:
        edits.mark_undone(connection, recorded.edit.id, version=version, is_undone=is_undo)


def _refuse_stale(draft: StoredEdition, seen: int | None) -> None:
    if seen is not None and seen != draft.version:
        raise StaleDraft(draft.id, draft.version)


def _differ(before: Typed, after: Typed) -> bool:
    """Return whether texts differ; for which lead they were typed follows from the draft."""
    return _words(before) != _words(after)


def _is_tied_anew(before: Typed, after: Typed, edition: Edition) -> bool:
    """Return whether the same lines are typed again for another top story."""
    has_lines = bool(after.subject or after.preheader)
    return (
        has_lines
        and after.typed_for == NEXT_LEAD
        and before.typed_for != tie_to_lead(after, edition).typed_for
    )


def _words(typed: Typed) -> tuple[object, ...]:
    return typed.subject, typed.preheader, typed.intro, typed.poll


def _next_version(connection: Connection, draft: StoredEdition) -> int:
    edits.bump_versions(connection, draft.newsletter)
    return edits.version_of(connection, draft.id)


def _recorded(
    connection: Connection, draft: StoredEdition, step: Step, audit: AuditEntry
) -> Recorded:
    is_undo = step is Step.UNDO
    find = edits.first_undone if is_undo else edits.last_done
    edit = find(connection, draft.id)
    if edit is None:
        raise UsageError(f"edition {draft.id}: its change is not stored")
    add_entry(connection, replace(audit, detail=audit.detail or edit.what))
    return Recorded(step=step, edit=edit, has_included=bool(edit.before.included) and not is_undo)


def _state(
    known: dict[int, Choice],
    changed: list[int],
    typed: Typed | None,
    included: tuple[IncludedPost, ...] = (),
) -> EditedState:
    return EditedState(
        choices=tuple((each, known.get(each)) for each in changed), typed=typed, included=included
    )


def _refuse_changed(
    connection: Connection, draft: StoredEdition, edit: DraftEdit, *, is_undo: bool
) -> None:
    """Check that what is undone is still as the change left it."""
    left = edit.after if is_undo else edit.before
    known = choices.read_choices(connection, draft.newsletter)
    is_same = all(known.get(post_id) == choice for post_id, choice in left.choices)
    if left.typed is not None:
        is_same = is_same and not _differ(typed_from_json(draft.typed), left.typed)
    if not is_same:
        raise Refused(
            f"edition {draft.id}: “{edit.what}” cannot be undone because the same was changed"
            " since, in another draft of this newsletter"
        )


def _restore(
    connection: Connection,
    draft: StoredEdition,
    edit: DraftEdit,
    audit: AuditEntry,
    *,
    is_undo: bool,
) -> None:
    wanted = edit.before if is_undo else edit.after
    for post_id, choice in wanted.choices:
        if choice is None:
            choices.clear(connection, draft.newsletter, [post_id])
        else:
            choices.save_choice(connection, draft.newsletter, post_id, choice)
    if wanted.typed is not None:
        edits.save_typed(connection, draft.id, typed_to_json(wanted.typed))
    included = edit.before.included
    if included and is_undo:
        _take_out(connection, included)
    elif included:
        include_posts(connection, [each.post_id for each in included], now=audit.at)


def _take_out(connection: Connection, included: tuple[IncludedPost, ...]) -> None:
    """Keep posts out of the mail again that a change let in."""
    if unmailed.is_any_mailed(connection, [each.post_id for each in included]):
        raise Refused("a post that was brought in is in a mail already; it cannot be taken back")
    unmailed.keep_out(connection, included)
