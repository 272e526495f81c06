"""Every letter of an edition, written and held against the rules; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.mend import Mend
from digest.models import Finding, StoredEdition
from digest.newsroom.context import RunContext
from digest.newsroom.editions import visible_edition
from digest.pipeline.prepare import Prepared, prepare
from subscribers.preferences import load_categories


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLetter:
    """One variant's letter."""

    #: Chosen sections; empty: all.
    categories: tuple[str, ...]
    subject: str
    #: Of its HTML.
    size: int
    #: What was cut for want of room, one line each.
    trims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What the rules found in an edition."""

    edition_id: int
    letters: tuple[CheckedLetter, ...]
    subscribers: int
    #: Subscribers who are further behind than the edition was composed for.
    waiting: int
    #: Subscribers who get some stories again, because there are too many variants.
    widened: int
    #: Each once, whatever letters it is in.
    findings: tuple[Finding, ...]
    #: What was left out for a finding of one story.
    mended: tuple[Mend, ...]

    @property
    def errors(self) -> int:
        """Findings that hold the edition."""
        return sum(finding.is_error for finding in self.findings)


def check(context: RunContext, newsletter: str, edition_id: int | None) -> CheckReport:
    """Write every letter of an edition and apply the rules.

    Args:
        context: the installation.
        newsletter: its name.
        edition_id: which edition; None: the newsletter's newest that was not cancelled.

    Raises:
        UsageError: there is no such edition.
        NothingToDo: there is no edition yet.
        TemplateError: a template cannot be rendered.
    """
    with context.database.read() as connection:
        stored = visible_edition(connection, newsletter, edition_id)
    return report_of(context, stored)


def report_of(context: RunContext, stored: StoredEdition) -> CheckReport:
    """Return what the rules find in a stored edition."""
    owner = context.newsletter_of(stored.newsletter)
    audience = owner.audience_of(stored.cadence, stored.local_at)
    prepared = prepare(context.database, stored, owner.writer, audience, now=context.clock())
    return CheckReport(
        edition_id=stored.id,
        letters=_letters(prepared),
        subscribers=prepared.subscribers,
        waiting=prepared.distribution.waiting,
        widened=prepared.distribution.widened,
        findings=prepared.findings,
        mended=prepared.mends,
    )


def _letters(prepared: Prepared) -> tuple[CheckedLetter, ...]:
    return tuple(
        CheckedLetter(
            categories=load_categories(each.rule.categories),
            subject=each.letter.subject,
            size=len(each.letter.html.encode()),
            trims=each.letter.variant.trims,
        )
        for each in prepared.rendered.values()
    )
