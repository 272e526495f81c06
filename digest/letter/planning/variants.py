"""Plans variants: filters and caps an edition's stories for a group of subscribers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import repeat
from typing import Any

from digest.letter.planning.subject import write_lines
from digest.models import PICKED, Edition, Section, Story, Variant
from digest.text.languages import is_spoken, language_of_words

#: The text sizes that a subscriber can choose.
TEXT_SIZES = ("normal", "large")
#: With fewer stories, none is shown above the sections.
MIN_FOR_LEAD = 3
#: So many posts beyond a section's cap are named; more are counted.
MAX_NAMED = 3
#: The lines of "Most discussed"; with fewer stories it is left out.
DISCUSSED = 3
#: A story with fewer comments is not "discussed".
MIN_COMMENTS = 2


def plan_variant(
    edition: Edition,
    *,
    categories: frozenset[str] | None,
    since_seq: int,
    language: str = "",
    text_size: str = "normal",
) -> Variant | None:
    """Return the variant for a subscriber's choices; None if nothing is new for them.

    Args:
        edition: the edition; its `stories` are in rank order.
        categories: the subscriber's categories; None for all.
        since_seq: the `seq` up to which the subscriber has seen everything.
        language: the subscriber's language; the edition's if empty or not supported.
        text_size: `normal` or `large`.
    """
    full = _fill_sections(edition, categories, since_seq)
    if not full:
        return None
    shown = _in_rank_order(edition, full)
    lead = _pick_lead(shown, full)
    sections = tuple(map(_below_the_top, _without(full, lead), repeat(edition.quotes_per_story)))
    written_in = language if is_spoken(language) else language_of_words(edition.language)
    lines = write_lines(shown, edition, written_in)
    return Variant(
        key=_hash_content(lead, sections, written_in, text_size),
        subject=lines.subject,
        preheader=lines.preheader,
        lead=lead,
        sections=sections,
        most_discussed=_pick_discussed(sections),
        count=len(shown),
        language=written_in,
        text_size=text_size,
        since_seq=since_seq,
    )


def with_trims(variant: Variant, trims: tuple[str, ...], **changes: Any) -> Variant:
    """Return a trimmed variant with a new key."""
    cut = replace(variant, trims=trims, **changes)
    key = _hash_content(cut.lead, cut.sections, cut.language, cut.text_size, trims)
    return replace(cut, key=key)


def _fill_sections(
    edition: Edition, categories: frozenset[str] | None, since_seq: int
) -> tuple[Section, ...]:
    taken = [name for name in edition.categories if categories is None or name in categories]
    filed: dict[str, list[Story]] = {name: [] for name in taken}
    for story in edition.stories:
        home = story.home_in(taken)
        if home is not None and story.seq > since_seq:
            filed[home].append(story)
    cap = edition.max_posts_per_category
    return tuple(
        _cap_section(name, tuple(stories), cap) for name, stories in filed.items() if stories
    )


def _cap_section(name: str, stories: tuple[Story, ...], cap: int) -> Section:
    """Return a section with at most `cap` whole posts; the rest is named, or counted if long."""
    rest = stories[cap:]
    is_named = len(rest) <= MAX_NAMED
    return Section(
        name=name,
        stories=stories[:cap],
        titles=rest if is_named else (),
        more=() if is_named else rest,
    )


def _in_rank_order(edition: Edition, sections: tuple[Section, ...]) -> list[Story]:
    shown = {story.post_id for section in sections for story in section.stories + section.titles}
    return [story for story in edition.stories if story.post_id in shown]


def _pick_lead(shown: list[Story], sections: tuple[Section, ...]) -> Story | None:
    """Return the top story, unless its section would keep no other whole post."""
    top = shown[0]
    is_alone = any(
        section.stories == (top,) and (section.titles or section.more) for section in sections
    )
    return None if len(shown) < MIN_FOR_LEAD or is_alone else top


def _without(sections: tuple[Section, ...], lead: Story | None) -> tuple[Section, ...]:
    kept = (
        replace(section, stories=tuple(story for story in section.stories if story is not lead))
        for section in sections
    )
    return tuple(section for section in kept if section.stories)


def _below_the_top(section: Section, limit: int) -> Section:
    """Keep `limit` short quotes of each story, and the first picture of the section."""
    first = next((story for story in section.stories if story.image_url), None)
    stories = (
        story if story is first else replace(story, image_url="") for story in section.stories
    )
    return replace(section, stories=tuple(_with_few_quotes(each, limit) for each in stories))


def _with_few_quotes(story: Story, limit: int) -> Story:
    """Keep `limit` quotes in their short form, or all that an editor picked."""
    picked = [quote for quote in story.quotes if quote.reason.code == PICKED]
    kept = picked or story.quotes[:limit]
    short = (replace(each, text=each.short or each.text) for each in kept)
    return replace(story, quotes=tuple(short))


def _pick_discussed(sections: Sequence[Section]) -> tuple[Story, ...]:
    """Return the most discussed stories without a quote in the mail."""
    unquoted = [
        story
        for section in sections
        for story in section.stories + section.titles
        if not story.quotes and story.discussed >= MIN_COMMENTS
    ]
    unquoted.sort(key=lambda story: -story.discussed)
    return tuple(unquoted[:DISCUSSED]) if len(unquoted) >= DISCUSSED else ()


def lead_image(story: Story) -> str:
    """Return the address of a story's picture at the top; empty if there is none."""
    return story.image_url if story.lead_image_url is None else story.lead_image_url


def _hash_content(
    lead: Story | None,
    sections: tuple[Section, ...],
    language: str,
    text_size: str,
    trims: tuple[str, ...] = (),
) -> str:
    """Return a hash that is equal for two subscribers exactly if they get the same mail."""
    content = [
        _printed((lead,) if lead else (), is_lead=True),
        [
            [
                section.name,
                _printed(section.stories),
                [story.post_id for story in section.titles],
                [story.post_id for story in section.more],
            ]
            for section in sections
        ],
        language,
        text_size,
    ]
    if trims:
        content.append(list(trims))
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _printed(stories: Sequence[Story], *, is_lead: bool = False) -> list[list[object]]:
    """Return each story's id and remaining parts, so that a trimmed story has another hash."""
    return [
        [
            story.post_id,
            len(story.excerpt),
            bool(lead_image(story) if is_lead else story.image_url),
            [quote.comment_id for quote in story.quotes],
        ]
        for story in stories
    ]
