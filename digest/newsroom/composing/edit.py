"""Changes a draft: each change is stored at once, names who made it, and can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from digest.composer.snapshot import edition_from_json
from digest.errors import EditConflict, Refused, StaleDraft, UsageError
from digest.models import (
    NO_POLL,
    Actor,
    Edition,
    EditionState,
    EditorChanges,
    How,
    Picking,
    PostText,
    Quoting,
    Slot,
    Step,
    StoredEdition,
)
from digest.newsroom import moderation
from digest.newsroom.compose import compose
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.pipeline.compose import Draft, Editing
from digest.store import editions, edits
from digest.store.engine import Connection

_NO_CHANGES = EditorChanges()
_LABELS = {PostText.TITLE: "Title", PostText.EXCERPT: "Excerpt", PostText.ALT: "Image description"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The result of a change."""

    draft: Draft
    #: What happened, for the editor: one line.
    said: str


def edit(
    context: RunContext,
    edition_id: int,
    changes: EditorChanges,
    *,
    by: Actor,
    seen: int | None = None,
) -> Edited:
    """Change a draft; posts that became known since it was composed stay out.

    Args:
        context: the installation's context.
        edition_id: the draft.
        changes: the changes.
        by: the editor.
        seen: the version of the draft that the editor saw; None if it does not matter.

    Raises:
        EditConflict: another editor changed the draft meanwhile; nothing was stored.
        UsageError: the edition, a post or a comment does not exist, or a text cannot be used.
        Refused: the edition is no draft any more, a post to include is mailed already, or too few
            posts would be left.
    """
    stored = _open_draft(context, edition_id)
    try:
        draft = _compose(
            context, stored, by, changes, Editing(seen=seen, keeps_window=True, keeps_draft=True)
        )
    except StaleDraft as stale:
        raise _conflict(context, stale, changes, seen or 0) from stale
    if draft.recorded is None:
        return Edited(draft=draft, said="Nothing changed.")
    return Edited(draft=draft, said=_line(draft, draft.recorded.edit.what))


def refresh(context: RunContext, edition_id: int, *, by: Actor) -> Edited:
    """Compose a draft again, with the posts and comments that became known since.

    Raises:
        UsageError: the edition does not exist.
        Refused: the edition is no draft any more.
        NothingToDo: there are too few posts.
    """
    draft = _compose(context, _open_draft(context, edition_id), by, _NO_CHANGES, Editing())
    return Edited(
        draft=draft, said=_line(draft, "refreshed" if draft.is_changed else "nothing new")
    )


def pick(
    context: RunContext,
    edition_id: int,
    picking: Picking,
    *,
    by: Actor,
    seen: int | None = None,
) -> Edited:
    """Change which comments a story quotes; those that it quotes now stay, in their order.

    Errors as for `edit`.
    """
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
    edition = edition_from_json(stored.snapshot)
    story = next((each for each in edition.stories if each.post_id == picking.post_id), None)
    if story is None:
        raise UsageError(f"post {picking.post_id}: it is not in this edition any more")
    shown = tuple(quote.comment_id for quote in story.quotes)
    quoting = Quoting(post_id=picking.post_id, comment_ids=picking.apply(shown))
    return edit(context, edition_id, EditorChanges(quote=(quoting,)), by=by, seen=seen)


def release(
    context: RunContext, edition_id: int, post_id: int, comment_id: int, *, by: Actor
) -> Edited:
    """Let a held comment be quoted, and quote it.

    Raises:
        UsageError: the edition or the comment does not exist.
        Refused: the edition is no draft any more, or the comment's author is never quoted.
    """
    _open_draft(context, edition_id)
    moderation.release(context, (comment_id,), by=by)
    picking = Picking(post_id=post_id, comment_id=comment_id, how=How.ADD)
    done = pick(context, edition_id, picking, by=by)
    return Edited(draft=done.draft, said=f"Released. {done.said}")


def undo(context: RunContext, edition_id: int, *, by: Actor, seen: int | None = None) -> Edited:
    """Take the last change of a draft back.

    Raises:
        EditConflict: another editor changed the draft meanwhile.
        NothingToDo: there is no change to undo.
        Refused: the edition is no draft any more, another draft changed the same, or a post that
            was brought in is mailed already.
    """
    return _step(context, edition_id, Step.UNDO, by, seen)


def redo(context: RunContext, edition_id: int, *, by: Actor, seen: int | None = None) -> Edited:
    """Make the change again that was taken back last; errors as for `undo`."""
    return _step(context, edition_id, Step.REDO, by, seen)


def _step(context: RunContext, edition_id: int, step: Step, by: Actor, seen: int | None) -> Edited:
    stored = _open_draft(context, edition_id)
    editing = Editing(step=step, seen=seen, keeps_window=True, keeps_draft=True)
    try:
        draft = _compose(context, stored, by, _NO_CHANGES, editing)
    except StaleDraft as stale:
        raise _conflict(context, stale, _NO_CHANGES, seen or 0) from stale
    verb = "undone" if step is Step.UNDO else "done again"
    what = draft.recorded.edit.what if draft.recorded else ""
    return Edited(draft=draft, said=_line(draft, f"{verb}: {what}"))


def _open_draft(context: RunContext, edition_id: int) -> StoredEdition:
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
    is_draft = stored.frozen_at is None and stored.state in (*editions.OPEN, EditionState.PAUSED)
    if not is_draft:
        raise Refused(f"edition {edition_id}: it is {stored.state} and cannot be changed any more")
    return stored


def _compose(
    context: RunContext,
    stored: StoredEdition,
    by: Actor,
    changes: EditorChanges,
    editing: Editing,
) -> Draft:
    slot = Slot(local_at=stored.local_at, due_at=stored.due_at, is_extra=stored.is_extra)
    return compose(
        context,
        stored.newsletter,
        stored.cadence,
        by=by,
        slot=slot,
        changes=changes,
        editing=editing,
    )


def _line(draft: Draft, what: str) -> str:
    void = " The approval is void: approve the edition again." if draft.is_void else ""
    return f"{what[:1].upper()}{what[1:]}.{void}"


# --- conflicts ----------------------------------------------------------------------------------


def _conflict(
    context: RunContext, stale: StaleDraft, changes: EditorChanges, seen: int
) -> EditConflict:
    with context.database.read() as connection:
        stored = named_edition(connection, stale.edition_id)
        since = tuple(_since(connection, stored, seen))
    edition = edition_from_json(stored.snapshot)
    return EditConflict(
        stored.id, stored.version, since=since, texts=tuple(_both_texts(edition, changes))
    )


def _since(connection: Connection, stored: StoredEdition, seen: int) -> Iterator[str]:
    found = edits.edits_since(connection, stored.id, seen)
    for each in found:
        undone = "undid: " if each.is_undone else ""
        yield f"{each.actor} at {each.at:%H:%M} UTC {undone}{each.what}"
    if not found:
        yield "another draft of this newsletter was changed"


def _both_texts(edition: Edition, changes: EditorChanges) -> Iterator[tuple[str, str, str]]:
    """Yield each text of a change: its name, what the editor wrote, and what is there now."""
    stories = {story.post_id: story for story in edition.stories}
    for each in changes.rewrite:
        if (story := stories.get(each.post_id)) is not None:
            mine = "(the feed’s)" if each.text is None else each.text
            yield _LABELS[each.what], mine, str(getattr(story, each.what.value))
    for trim in changes.trim:
        story = stories.get(trim.post_id)
        quotes = {quote.comment_id: quote.text for quote in story.quotes} if story else {}
        yield "Quote", trim.text, quotes.get(trim.comment_id, "")
    if changes.subject is not None:
        yield "Subject", changes.subject, edition.subject
    if changes.preheader is not None:
        yield "Preheader", changes.preheader, edition.preheader
    if changes.intro is not None:
        yield "Introduction", "\n\n".join(changes.intro), "\n\n".join(edition.masthead.intro)
    if changes.poll is not None:
        now = edition.masthead.poll or NO_POLL
        mine, theirs = ("\n".join((each.question, *each.choices)) for each in (changes.poll, now))
        yield "Poll", mine, theirs
