"""Reads what the compose page of an edition shows."""

from __future__ import annotations

from collections.abc import Mapping

from digest.errors import UsageError
from digest.models import Choice, Edition, EditionState, Poll, PollResults, Shown, StoredEdition
from digest.newsroom.composing.picker import open_story
from digest.newsroom.composing.pool import list_pool
from digest.newsroom.composing.rows import (
    ComposePage,
    EditionTexts,
    OpenedStory,
    SectionRows,
    StoryRow,
)
from digest.newsroom.composing.sections import list_sections
from digest.newsroom.context import RunContext
from digest.newsroom.desk.heads import head_of
from digest.newsroom.editions import named_edition
from digest.newsroom.snapshots import read_snapshot
from digest.pipeline.audience import general_rule, variant_for
from digest.pipeline.choosing import typed_from_json
from digest.pipeline.poll import read_last_poll
from digest.store import edits, posts
from digest.store.choices import CadenceName, read_choices
from digest.store.engine import Connection

__all__ = ["ComposePage", "read_page"]

_OPEN = (EditionState.DRAFT, EditionState.APPROVED, EditionState.PAUSED)
_EVERYTHING = Shown()


def read_page(context: RunContext, edition_id: int, shown: Shown | None = None) -> ComposePage:
    """Return what the compose page of an edition shows; of a frozen one, how it was.

    Raises:
        UsageError: the edition does not exist.
        CorruptStoreError: its stored text is damaged.
    """
    shown = shown or _EVERYTHING
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
        edition = read_snapshot(stored)
        choices = read_choices(connection, stored.newsletter)
        lead, sections, missed = list_sections(edition, choices)
        rows = {row.post_id: row for row in _all_rows(lead, sections, missed)}
        pool, pool_total = list_pool(connection, edition, _cadence(edition), shown)
        undo, redo = _steps(connection, stored)
        results, prints = _results(connection, edition)
        return ComposePage(
            head=head_of(context, stored),
            version=stored.version,
            is_open=stored.frozen_at is None and stored.state in _OPEN,
            is_approved=bool(stored.approved_hash),
            lead=lead,
            sections=sections,
            section_names=edition.categories,
            missed=missed,
            pool=pool,
            pool_total=pool_total,
            newer=_newer(connection, edition),
            texts=_texts(context, stored, edition),
            results=results,
            prints_results=prints,
            undo=undo,
            redo=redo,
            opened=_opened(context, connection, edition, rows, choices, shown),
            shown=shown,
        )


def read_version(context: RunContext, edition_id: int) -> int:
    """Return the present version of a draft, by which its next change is checked.

    Raises:
        UsageError: the edition does not exist.
    """
    with context.database.read() as connection:
        return named_edition(connection, edition_id).version


def _all_rows(
    lead: StoryRow | None, sections: tuple[SectionRows, ...], missed: tuple[StoryRow, ...]
) -> tuple[StoryRow, ...]:
    first = (lead,) if lead else ()
    return (*first, *(row for section in sections for row in section.rows), *missed)


def _cadence(edition: Edition) -> CadenceName:
    return CadenceName(edition.newsletter, edition.cadence)


def _steps(connection: Connection, stored: StoredEdition) -> tuple[str, str]:
    done = edits.last_done(connection, stored.id)
    undone = edits.first_undone(connection, stored.id)
    return (done.what if done else ""), (undone.what if undone else "")


def _newer(connection: Connection, edition: Edition) -> int:
    return posts.count_after(connection, edition.cut_seq, edition.categories)


def _results(connection: Connection, edition: Edition) -> tuple[PollResults | None, bool]:
    last = read_last_poll(connection, edition.newsletter, edition.cadence)
    return (last.results if last else None), edition.poll_results is not None


def _opened(
    context: RunContext,
    connection: Connection,
    edition: Edition,
    rows: Mapping[int, StoryRow],
    choices: Mapping[int, Choice],
    shown: Shown,
) -> OpenedStory | None:
    row = rows.get(shown.post_id or 0)
    if row is None:  # closed, or not in this edition any more
        return None
    rules = context.newsletter_of(edition.newsletter).cadence(edition.cadence).rules
    choice = choices.get(row.post_id, Choice())
    return open_story(connection, edition, rules, row, choice)


# --- texts of the edition -----------------------------------------------------------------------


def _texts(context: RunContext, stored: StoredEdition, edition: Edition) -> EditionTexts:
    typed = typed_from_json(stored.typed)
    variant = variant_for(edition, general_rule(edition))
    return EditionTexts(
        sender=_sender(context, stored.newsletter),
        subject=variant.subject if variant else "",
        preheader=variant.preheader if variant else "",
        typed_subject=typed.subject,
        typed_preheader=typed.preheader,
        waits_for=_waits_for(edition),
        intro=edition.masthead.intro,
        is_own_intro=typed.intro is not None,
        poll=_asked(edition.masthead.poll),
        is_own_poll=typed.poll is not None,
    )


def _asked(poll: Poll | None) -> Poll | None:
    return poll if poll is not None and poll.question else None


def _waits_for(edition: Edition) -> str:
    """Return the title of the story for which the subject was typed, if another one leads."""
    if not (edition.subject or edition.preheader):
        return ""
    new = [story for story in edition.stories if story.seq > edition.last_cut_seq]
    if not new or new[0].post_id == edition.typed_for:
        return ""
    titles = {story.post_id: story.title for story in new}
    return titles.get(edition.typed_for) or f"post {edition.typed_for}"


def _sender(context: RunContext, newsletter: str) -> str:
    """Return the name that an inbox shows."""
    try:
        facts = context.newsletter_of(newsletter).writer.facts
    except UsageError:
        return newsletter
    return facts.from_name or facts.from_address
