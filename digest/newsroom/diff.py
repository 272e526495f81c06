"""Compares two editions."""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.compare import Comparison, compare
from digest.composer.snapshot import edition_from_json
from digest.models import Edition
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

    @property
    def is_same(self) -> bool:
        """Whether the stories, their order and all texts are equal."""
        return self.stories.is_same and self.before == self.after


def diff(context: RunContext, edition_id: int, other_id: int) -> EditionDiff:
    """Compare an edition with a later one.

    Raises:
        UsageError: an edition does not exist.
    """
    with context.database.read() as connection:
        before = edition_from_json(named_edition(connection, edition_id).snapshot)
        after = edition_from_json(named_edition(connection, other_id).snapshot)
    return EditionDiff(stories=compare(before, after), before=_lines(before), after=_lines(after))


def _lines(edition: Edition) -> InboxLines:
    variant = variant_for(edition, general_rule(edition))
    return InboxLines(
        subject=variant.subject if variant else "",
        preheader=variant.preheader if variant else "",
        intro=" / ".join(edition.masthead.intro),
    )
