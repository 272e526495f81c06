"""Compares two editions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from digest.composer.compare import Comparison, compare
from digest.composer.snapshot import edition_from_json
from digest.models import Edition, Story
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from digest.pipeline.audience import general_rule, variant_for


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLines:
    """The subject and the preheader that most subscribers get, and the intro."""

    subject: str
    preheader: str
    intro: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionDiff:
    """The differences of two editions."""

    stories: Comparison
    before: InboxLines
    after: InboxLines
    #: Other changed parts, such as `poll` or `links of Bread`.
    others: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the stories, their order and all texts are equal."""
        return self.stories.is_same and self.before == self.after

    @property
    def is_equal(self) -> bool:
        """Whether nothing at all differs."""
        return self.is_same and not self.others


def diff(context: RunContext, edition_id: int, other_id: int) -> EditionDiff:
    """Compare an edition with a later one.

    Raises:
        UsageError: an edition does not exist.
    """
    with context.database.read() as connection:
        before = edition_from_json(named_edition(connection, edition_id).snapshot)
        after = edition_from_json(named_edition(connection, other_id).snapshot)
    return diff_of(before, after)


def diff_of(before: Edition, after: Edition) -> EditionDiff:
    """Return the differences of two editions."""
    return EditionDiff(
        stories=compare(before, after),
        before=_lines(before),
        after=_lines(after),
        others=tuple(_others(before, after)),
    )


#: Parts of a story that no reader sees, or that `compare` names.
_COMPARED = frozenset(
    (
        *("title", "excerpt", "lead_excerpt", "quotes", "not_quoted", "categories", "also_at"),
        *("image_url", "lead_image_url", "image_alt", "reason", "mended", "seq"),
        *("is_count_known", "people_count", "image_bytes"),
    )
)
_WORDS = {
    "url": "link",
    "published_at": "date",
    "minutes": "reading time",
    "comment_count": "number of comments",
    "poll_results": "poll results",
}


def _others(before: Edition, after: Edition) -> Iterator[str]:
    """Yield the parts that changed and that neither `compare` nor `InboxLines` names."""
    for each in fields(before.masthead):
        old, new = getattr(before.masthead, each.name), getattr(after.masthead, each.name)
        if old != new and each.name != "intro":
            yield each.name.replace("_", " ")
    if before.poll_results != after.poll_results:
        yield _WORDS["poll_results"]
    known = {story.post_id: story for story in before.stories}
    for story in after.stories:
        old_story = known.get(story.post_id)
        if old_story is not None:
            parts = ", ".join(_changed_parts(old_story, story))
            yield from (f"{parts} of {story.title}",) if parts else ()


def _changed_parts(before: Story, after: Story) -> Iterator[str]:
    for each in fields(before):
        differs = getattr(before, each.name) != getattr(after, each.name)
        if differs and each.name not in _COMPARED:
            yield _WORDS.get(each.name, each.name.replace("_", " "))


def in_words(found: EditionDiff) -> tuple[str, ...]:
    """Return the changes, one short line each."""
    lines = [
        f"{name} changed"
        for name in ("subject", "preheader", "intro")
        if getattr(found.before, name) != getattr(found.after, name)
    ]
    lines += [f"“{story.title}” added" for story in found.stories.came]
    lines += [f"“{story.title}” removed" for story in found.stories.went]
    lines += [f"“{move.title}” moved" for move in found.stories.moved]
    lines += [f"{change.what} of “{change.title}” changed" for change in found.stories.changed]
    return (*lines, *(f"{other} changed" for other in found.others))


def _lines(edition: Edition) -> InboxLines:
    variant = variant_for(edition, general_rule(edition))
    return InboxLines(
        subject=variant.subject if variant else "",
        preheader=variant.preheader if variant else "",
        intro=" / ".join(edition.masthead.intro),
    )
