"""What an editor asks of the next edition: which posts, and which words of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import TypeAdapter

from digest.errors import UsageError
from digest.letter.planning.subject import MAX_SUBJECT
from digest.models import Choice, Edition, EditorChanges, Typed
from digest.store import choices
from digest.store.engine import Connection

_TYPED = TypeAdapter(Typed)


def record_choices(
    connection: Connection, newsletter: str, changes: EditorChanges, *, skips: str
) -> None:
    """Store what is to become of posts.

    Words and quotes that were chosen for a post stay, unless it is reset.

    Args:
        connection: of a write transaction.
        newsletter: for which.
        changes: what was asked.
        skips: the edition that goes without what is for the next time, as `cadence/slot`.

    Raises:
        UsageError: a post does not exist, or is named twice.
    """
    _refuse_unclear(connection, changes)
    known = choices.read_choices(connection, newsletter)
    first = choices.last_place(connection, newsletter) + 1
    plain = {post_id: _plain(known, post_id) for post_id in changes.posts}
    changed = {
        **{
            each: replace(plain[each], pinned=place)
            for place, each in enumerate(changes.pin, first)
        },
        **{each: replace(plain[each], is_dropped=True) for each in changes.drop},
        **{each: replace(plain[each], skips=skips) for each in changes.next_time},
    }
    for post_id, choice in changed.items():
        choices.save_choice(connection, newsletter, post_id, choice)
    choices.clear(connection, newsletter, changes.reset)


def refuse_long(changes: EditorChanges) -> None:
    """Refuse a subject that no mail may have.

    Raises:
        UsageError: it is too long.
    """
    length = len(" ".join((changes.subject or "").split()))
    if length > MAX_SUBJECT:
        raise UsageError(f"the subject has {length} characters; at most {MAX_SUBJECT}")


def _plain(known: dict[int, Choice], post_id: int) -> Choice:
    return replace(known.get(post_id, Choice()), pinned=0, is_dropped=False, skips="")


def _refuse_unclear(connection: Connection, changes: EditorChanges) -> None:
    for post_id in choices.unknown_posts(connection, changes.posts):
        raise UsageError(
            f"post {post_id}: there is none; `digest compose --explain` shows the numbers"
        )
    if twice := _twice(changes.posts):
        raise UsageError(f"post {twice[0]}: named twice; say one thing of it")


def _twice(post_ids: Sequence[int]) -> list[int]:
    return [post_id for post_id in post_ids if post_ids.count(post_id) > 1]


def retype(stored: str, changes: EditorChanges, edition: Edition) -> Typed:
    """Give what is typed for an edition, now that an editor asked for more.

    Args:
        stored: what was typed before, as JSON; may be empty.
        changes: what was asked.
        edition: as composed; a new subject or preheader is for its first story.
    """
    typed = _TYPED.validate_json(stored) if stored else Typed()
    if changes.subject is None and changes.preheader is None and changes.intro is None:
        return typed
    if changes.subject is not None or changes.preheader is not None:
        typed = replace(typed, typed_for=_first_story(edition))
    return replace(
        typed,
        subject=_either(changes.subject, typed.subject),
        preheader=_either(changes.preheader, typed.preheader),
        intro=_paragraphs(typed.intro if changes.intro is None else changes.intro),
    )


def typed_to_json(typed: Typed) -> str:
    """Give it as stored; empty where nothing is typed."""
    return "" if typed == Typed() else _TYPED.dump_json(typed).decode()


def _first_story(edition: Edition) -> int:
    """Give the story that most subscribers see first."""
    new = (story.post_id for story in edition.stories if story.seq > edition.last_cut_seq)
    return next(new)


def _either(asked: str | None, before: str) -> str:
    return before if asked is None else " ".join(asked.split())


def _paragraphs(texts: Iterable[str] | None) -> tuple[str, ...] | None:
    return tuple(text.strip() for text in texts or () if text.strip()) or None
