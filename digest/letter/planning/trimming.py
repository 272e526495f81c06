"""The steps that shorten a letter; the step that hurts subscribers least comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from digest.letter.plain import one_line
from digest.letter.planning.shortening import SHORT_WORDS, shorten_excerpt
from digest.models import Section, Story, Variant
from digest.text.counted import counted

#: Posts of a section that are never reduced to a title.
FULL_POSTS = 3

#: Returns the shorter variant and a description of the cut; empty if there was nothing to cut.
Step = Callable[[Variant], tuple[Variant, str]]


def drop_second_quotes(variant: Variant) -> tuple[Variant, str]:
    """Keep only the best comment of each post."""
    lesser = _each_story(variant, lambda story: replace(story, quotes=story.quotes[:1]))
    count = _count_quotes(variant) - _count_quotes(lesser)
    return lesser, _say(count, "second quote", "left out")


def drop_quotes(variant: Variant) -> tuple[Variant, str]:
    """Keep only the comments of the top story."""
    lesser = _each_below(variant, lambda story: replace(story, quotes=()))
    count = _count_quotes(variant) - _count_quotes(lesser)
    return lesser, _say(count, "quote", "left out, but for those of the post at the top")


def shorten_excerpts(variant: Variant, language: str) -> tuple[Variant, str]:
    """Cut each excerpt, which is in that language, to one or two sentences."""
    lesser = _each_story(variant, lambda story: _with_short_excerpt(story, language))
    return lesser, _say(_differing(variant, lesser), "excerpt", f"cut to {SHORT_WORDS} words")


def list_titles(variant: Variant) -> tuple[Variant, str]:
    """Keep only the title of every post after the third of a section."""
    sections = tuple(
        replace(
            section,
            stories=section.stories[:FULL_POSTS],
            titles=section.stories[FULL_POSTS:] + section.titles,
        )
        for section in variant.sections
    )
    count = sum(len(section.stories[FULL_POSTS:]) for section in variant.sections)
    return replace(variant, sections=sections), _say(count, "post", "with the title alone")


def steps_for(language: str) -> tuple[Step, ...]:
    """Return the steps for posts in that language, in the order in which they are applied."""
    return (
        drop_second_quotes,
        drop_quotes,
        partial(shorten_excerpts, language=language),
        list_titles,
    )


def list_more(variant: Variant, count: int) -> tuple[Variant, str]:
    """Put `count` titles behind "and N more", the last of the longest lists first."""
    sections = list(variant.sections)
    for _ in range(count):
        at = max(range(len(sections)), key=lambda number: (len(sections[number].titles), number))
        sections[at] = _without_last_title(sections[at])
    lesser = replace(variant, sections=tuple(sections), count=variant.count - count)
    return lesser, _say(count, "post", 'behind "and N more"')


def _without_last_title(section: Section) -> Section:
    *titles, last = section.titles
    return replace(section, titles=tuple(titles), more=(last, *section.more))


def _with_short_excerpt(story: Story, language: str) -> Story:
    # A post without a title shows the first words of its excerpt as the title.
    if not one_line(story.title):
        return story
    return replace(
        story,
        excerpt=shorten_excerpt(story.excerpt, language),
        lead_excerpt=shorten_excerpt(story.lead_excerpt, language),
    )


def _each_story(variant: Variant, change: Callable[[Story], Story]) -> Variant:
    below = _each_below(variant, change)
    return replace(below, lead=change(variant.lead) if variant.lead else None)


def _each_below(variant: Variant, change: Callable[[Story], Story]) -> Variant:
    """Change the stories of the sections."""
    sections = tuple(
        replace(section, stories=tuple(map(change, section.stories)))
        for section in variant.sections
    )
    return replace(variant, sections=sections)


def _count_quotes(variant: Variant) -> int:
    return sum(len(story.quotes) for story in variant.stories)


def _differing(one: Variant, other: Variant) -> int:
    return sum(a != b for a, b in zip(one.stories, other.stories, strict=True))


def _say(count: int, noun: str, words: str) -> str:
    return f"{counted(count, noun)} {words}" if count else ""
