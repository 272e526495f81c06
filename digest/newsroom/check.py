"""Checks every letter of an edition against the rules; stores nothing."""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.mend import Mend
from digest.models import Finding, StoredEdition
from digest.newsroom.context import RunContext
from digest.newsroom.editions import visible_edition
from digest.pipeline.audience import approval_hash
from digest.pipeline.prepare import Prepared, prepare
from subscribers.preferences import load_categories


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLetter:
    """One variant's letter."""

    #: The chosen categories; empty for all.
    categories: tuple[str, ...]
    subject: str
    #: Size of its HTML in bytes.
    size: int
    #: The parts that were cut to limit the size, one line each.
    trims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The findings of an edition."""

    edition_id: int
    #: The hash that an approval of this content, for this audience rule, has.
    hash: str
    letters: tuple[CheckedLetter, ...]
    subscribers: int
    #: Number of subscribers who are further behind than the edition was composed for.
    waiting: int
    #: Number of subscribers who get some stories again, to limit the number of variants.
    widened: int
    #: Each finding once, even if it is in several letters.
    findings: tuple[Finding, ...]
    #: Stories and parts of stories that were left out because a check found an error in them.
    mended: tuple[Mend, ...]

    @property
    def errors(self) -> int:
        """Number of findings that block the edition."""
        return sum(finding.is_error for finding in self.findings)


def check(context: RunContext, newsletter: str, edition_id: int | None) -> CheckReport:
    """Write every letter of an edition and apply the rules.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        edition_id: the edition's id; None for the newsletter's newest that is not cancelled.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: the newsletter has no edition yet.
        TemplateError: a template cannot be rendered.
    """
    with context.database.read() as connection:
        stored = visible_edition(connection, newsletter, edition_id)
    return report_of(context, stored)


def report_of(context: RunContext, stored: StoredEdition) -> CheckReport:
    """Return the report of a stored edition."""
    owner = context.newsletter_of(stored.newsletter)
    audience = owner.audience_of(stored.cadence, stored.local_at)
    prepared = prepare(context.database, stored, owner.writer, audience, now=context.clock())
    return CheckReport(
        edition_id=stored.id,
        hash=approval_hash(prepared.content_hash, audience),
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
