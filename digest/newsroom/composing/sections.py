"""Lists the stories of a draft by section, each with its place and its ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from digest.composer.selection.rank import is_pinned
from digest.models import Choice, Edition, Story, Variant
from digest.newsroom.composing.rows import SectionRows, StoryRow
from digest.pipeline.audience import general_rule, variant_for

Choices: TypeAlias = Mapping[int, Choice]
#: By post id; a story that is not named is whole.
Forms: TypeAlias = Mapping[int, str]


def list_sections(
    edition: Edition, choices: Choices
) -> tuple[StoryRow | None, tuple[SectionRows, ...], tuple[StoryRow, ...]]:
    """Return the top story if it stands alone, the sections, and what only latecomers see.

    Every section of the newsletter is listed, also an empty one.
    """
    new = [story for story in edition.stories if story.seq > edition.last_cut_seq]
    missed = [story for story in edition.stories if story.seq <= edition.last_cut_seq]
    variant = variant_for(edition, general_rule(edition))
    forms = _forms(variant)
    lead = variant.lead if variant else None
    filed: dict[str, list[Story]] = {name: [] for name in edition.categories}
    for story in new:
        home = story.home_in(edition.categories)
        if home is not None and (lead is None or story.post_id != lead.post_id):
            filed[home].append(story)
    top = new[0].post_id if new else 0
    return (
        _row(lead, "", 0, choices, forms) if lead else None,
        tuple(
            SectionRows(name=name, rows=_rows(name, stories, top, choices, forms))
            for name, stories in filed.items()
        ),
        tuple(_row(each, "", 0, choices, forms) for each in missed),
    )


def _forms(variant: Variant | None) -> Forms:
    """Return what the general mail has of each story that it does not have whole."""
    if variant is None:
        return {}
    return {
        story.post_id: form
        for section in variant.sections
        for form, stories in (("title", section.titles), ("more", section.more))
        for story in stories
    }


def _rows(
    name: str, stories: Sequence[Story], top: int, choices: Choices, forms: Forms
) -> tuple[StoryRow, ...]:
    """Return the rows of a section; the top story, if it is in it, has no place."""
    ids = [story.post_id for story in stories]
    start = 0 if ids and ids[0] == top else 1
    return tuple(
        _row(story, name, place, choices, forms, ids=ids, start=start)
        for place, story in enumerate(stories, start)
    )


def _row(
    story: Story,
    section: str,
    place: int,
    choices: Choices,
    forms: Forms,
    *,
    ids: Sequence[int] = (),
    start: int = 1,
) -> StoryRow:
    choice = choices.get(story.post_id, Choice())
    texts = (choice.title, choice.excerpt, choice.image_alt)
    up, down, first = _ways(place, ids, start)
    return StoryRow(
        post_id=story.post_id,
        title=" ".join(story.title.split()) or story.url,
        url=story.url,
        excerpt=story.excerpt,
        section=section,
        place=place,
        reason=story.reason.text,
        comment_count=story.comment_count,
        quote_count=len(story.quotes),
        is_pinned=is_pinned(story),
        is_placed=bool(choice.place) and not choice.pinned,
        is_moved=bool(story.section),
        is_reworded=any(text is not None for text in texts),
        form=forms.get(story.post_id, "whole"),
        mended=tuple(reason.text for reason in story.mended),
        up=up,
        down=down,
        first=first,
    )


def _ways(place: int, ids: Sequence[int], start: int) -> tuple[str, str, str]:
    """Return what moves a row up, down and first.

    The top story of the edition cannot be moved below another one; that one is put at the top.
    """
    if not ids:
        return "", "", ""
    last = start + len(ids) - 1
    if place == 0:
        return "", f"lead:{ids[1]}:down" if len(ids) > 1 else "", ""
    up = "" if place == start else _to(place - 1, "up")
    first = "" if place - start < 2 else _to(start, "first")
    return up, _to(place + 1, "down") if place < last else "", first


def _to(place: int, arrow: str) -> str:
    """Return what a button sends; its last part names the button that keeps the focus."""
    return f"place:{place}:{arrow}" if place else f"lead::{arrow}"
