"""Lists the variants of an edition and what a check found in them, without writing a letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models import Finding, StoredEdition, StoredVariant
from digest.models.examinations import Examination, VariantSummary
from digest.newsroom.context import RunContext
from digest.newsroom.desk.listing import load_findings
from digest.newsroom.editions import named_edition
from digest.newsroom.proof.opening import KEY_LETTERS
from digest.pipeline.audience import approval_hash
from digest.store import examinations, variants
from digest.store.engine import Connection
from subscribers.preferences import load_categories


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVariant:
    """One variant of an edition."""

    #: By which a preview opens it, such as `v3f2a…`.
    who: str
    key: str
    #: Empty: all sections.
    categories: tuple[str, ...]
    since_seq: int
    #: As chosen; empty: the newsletter's own.
    language: str
    text_size: str
    subject: str
    story_count: int
    #: Number of its mails; of a draft, of the subscribers at its check.
    subscribers: int
    #: Size of its HTML in bytes; None after the freeze.
    size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVariants:
    """The variants of an edition."""

    edition_id: int
    #: Number of all variants; of a draft that was never checked, 0.
    total: int
    #: All after the freeze; of a draft the three largest at its newest check.
    variants: tuple[ListedVariant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFindings:
    """The findings of an edition: at the newest check of a draft, or at the freeze."""

    edition_id: int
    #: When it was found; None: never checked.
    made_at: datetime | None
    #: The hash by which exactly this content is approved; empty if there is none to approve.
    hash: str
    #: Whether nothing has changed since.
    is_current: bool
    findings: tuple[Finding, ...]
    #: What was left out because of an error, one line each.
    left_out: tuple[str, ...]


def list_variants(context: RunContext, edition_id: int) -> ListedVariants:
    """Return the variants of an edition.

    Raises:
        Missing: the edition does not exist.
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
        if stored.frozen_at is None:
            known = examinations.newest(connection, edition_id)
            total, largest = (known.report.variants, known.report.largest) if known else (0, ())
            rows = tuple(map(_of_draft, largest))
            return ListedVariants(edition_id=edition_id, total=total, variants=rows)
        found = variants.list_variants(connection, edition_id)
        mails = variants.count_subscribers(connection, edition_id)
    rows = tuple(_frozen(each, mails.get(each.id, 0)) for each in found)
    return ListedVariants(edition_id=edition_id, total=len(found), variants=rows)


def list_findings(context: RunContext, edition_id: int) -> ListedFindings:
    """Return what was found in an edition; raises the errors of `list_variants`."""
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
        if stored.frozen_at is not None:
            return _found_at_freeze(connection, stored)
        known = examinations.newest(connection, edition_id)
    if known is None:
        return ListedFindings(
            edition_id=edition_id,
            made_at=None,
            hash="",
            is_current=False,
            findings=(),
            left_out=(),
        )
    return ListedFindings(
        edition_id=edition_id,
        made_at=known.made_at,
        hash=known.hash,
        is_current=_is_current(context, stored, known),
        findings=known.report.findings,
        left_out=known.report.left_out,
    )


def _found_at_freeze(connection: Connection, stored: StoredEdition) -> ListedFindings:
    found = variants.list_variants(connection, stored.id)
    findings = dict.fromkeys(one for each in found for one in load_findings(each.findings))
    return ListedFindings(
        edition_id=stored.id,
        made_at=stored.frozen_at,
        hash=stored.approved_hash,
        is_current=True,
        findings=tuple(findings),
        left_out=(),
    )


def _is_current(context: RunContext, stored: StoredEdition, known: Examination) -> bool:
    owner = context.newsletter_of(stored.newsletter)
    audience = owner.audience_of(stored.cadence, stored.local_at)
    return approval_hash(stored.content_hash, audience) in (known.made_from, known.hash)


def _of_draft(each: VariantSummary) -> ListedVariant:
    return ListedVariant(
        who=_who(each.key),
        key=each.key,
        categories=load_categories(each.categories),
        since_seq=each.since_seq,
        language=each.language,
        text_size=each.text_size,
        subject=each.subject,
        story_count=each.story_count,
        subscribers=each.subscribers,
        size=each.size,
    )


def _frozen(each: StoredVariant, subscribers: int) -> ListedVariant:
    return ListedVariant(
        who=_who(each.key),
        key=each.key,
        categories=load_categories(each.categories),
        since_seq=each.since_seq,
        language=each.language,
        text_size=each.text_size,
        subject=each.subject,
        story_count=each.story_count,
        subscribers=subscribers,
        size=None,
    )


def _who(key: str) -> str:
    return f"v{key[:KEY_LETTERS]}"
