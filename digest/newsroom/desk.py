"""The content of the editors' pages: the editions, and the exact mails of each."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.composer.snapshot import edition_from_json
from digest.errors import UsageError
from digest.letter.printing.message import Pieces
from digest.letter.printing.opened import OpenedMessage, open_message
from digest.models import Accounting, Edition, EditionState, Finding, StoredEdition, StoredVariant
from digest.newsroom.context import RunContext
from digest.pipeline.audience import general_rule, variant_for
from digest.pipeline.prepare import Prepared, RenderedVariant, prepare
from digest.store import closing, editions, variants
from digest.store.edition_list import ListedEdition, list_editions
from subscribers.preferences import load_categories

__all__ = [
    "EditionPage",
    "EditionRow",
    "EditionsDesk",
    "OpenedMessage",
    "VariantRow",
]

#: Addressee of every mail that is only shown.
_SAMPLE_ADDRESS = "subscriber@example.org"
#: How long the letters of a draft are reused after they were written.
_FRESH = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow:
    """One edition in the list."""

    id: int
    #: The newsletter's title.
    newsletter: str
    number: int
    state: EditionState
    #: Why it is paused; empty otherwise.
    paused_reason: str
    #: Wall clock such as `2026-11-23T07:00`, in `timezone`.
    slot: str
    #: IANA name; empty if the newsletter is no longer configured.
    timezone: str
    #: Subject of the mail that most subscribers get.
    subject: str
    story_count: int
    #: Number of deliveries by state, only states that occur; empty before the freeze.
    deliveries: tuple[tuple[str, int], ...]
    #: Number of findings that block the edition. None before the freeze in the list, because the
    #: letters are only written for the edition's page.
    error_count: int | None
    #: Number of findings that do not block the edition; None as for `error_count`.
    warning_count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """One variant of an edition."""

    key: str
    #: Its categories, such as `Security, Economy` or `All sections`.
    label: str
    subject: str
    story_count: int
    #: None if unknown.
    subscriber_count: int | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPage:
    """One edition with everything that its page shows, except the mails."""

    row: EditionRow
    #: The snapshot, with the reason for each choice.
    edition: Edition
    #: The widest first; empty if the edition was cancelled before its mails were written.
    variants: tuple[VariantRow, ...]


class EditionsDesk:
    """Read-only access to the editions; the letters of a draft are written on demand."""

    def __init__(self, context: RunContext) -> None:
        """Store the context; the database is opened at the first read."""
        self._context = context
        self._last: tuple[tuple[int, str], datetime, Prepared] | None = None

    def list_editions(self) -> tuple[EditionRow, ...]:
        """Return the editions, newest first, with one query and without writing letters.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._context.database.read() as connection:
            found = list_editions(connection)
        return tuple(map(self._listed_row, found))

    def find_edition(self, edition_id: int) -> EditionPage | None:
        """Return one edition; None if it does not exist."""
        stored = self._stored(edition_id)
        if stored is None:
            return None
        if _is_draft(stored):
            prepared = self._prepare(stored)
            edition, listed = prepared.edition, _draft_variants(prepared)
        else:
            edition, listed = edition_from_json(stored.snapshot), self._variants(stored)
        with self._context.database.read() as connection:
            account = closing.read_accounting(connection, stored.id)
        findings = listed[0].findings if listed else ()
        row = self._row(
            stored,
            account,
            findings,
            subject=listed[0].subject if listed else "",
            story_count=len(edition.stories),
        )
        return EditionPage(row=row, edition=edition, variants=listed)

    def read_mail(self, edition_id: int, variant_key: str) -> OpenedMessage | None:
        """Return the exact mail of a variant, with a sample address and links that do nothing.

        None if the variant does not exist, or if its mail was deleted after its retention.
        """
        stored = self._stored(edition_id)
        pieces = self._pieces(stored, variant_key) if stored else None
        if stored is None or pieces is None:
            return None
        writer = self._context.newsletter_of(stored.newsletter).writer
        now = self._context.clock()
        mail = writer.sample(pieces, _SAMPLE_ADDRESS, number=str(edition_id), now=now)
        return open_message(mail.content)

    def _stored(self, edition_id: int) -> StoredEdition | None:
        with self._context.database.read() as connection:
            return editions.get_edition(connection, edition_id)

    # --- rows -----------------------------------------------------------------------------------

    def _listed_row(self, listed: ListedEdition) -> EditionRow:
        stored = listed.edition
        if not stored.snapshot:
            return self._row(
                stored,
                listed.accounting,
                _load_findings(listed.findings),
                subject=listed.subject,
                story_count=listed.story_count,
            )
        edition = edition_from_json(stored.snapshot)
        variant = variant_for(edition, general_rule(edition))
        subject = variant.subject if variant else ""
        return self._row(
            stored,
            listed.accounting,
            None,
            subject=subject,
            story_count=len(edition.stories),
        )

    def _row(
        self,
        stored: StoredEdition,
        account: Accounting,
        findings: tuple[Finding, ...] | None,
        *,
        subject: str,
        story_count: int,
    ) -> EditionRow:
        title, timezone = self._names_of(stored.newsletter)
        errors = None if findings is None else sum(finding.is_error for finding in findings)
        return EditionRow(
            id=stored.id,
            newsletter=title,
            number=stored.number,
            state=stored.state,
            paused_reason=stored.paused_reason,
            slot=stored.local_at,
            timezone=timezone,
            subject=subject,
            story_count=story_count,
            deliveries=account.shown,
            error_count=errors,
            warning_count=None if findings is None or errors is None else len(findings) - errors,
        )

    def _names_of(self, newsletter: str) -> tuple[str, str]:
        """Return a newsletter's title and zone; if no longer configured, its name and no zone."""
        try:
            owner = self._context.newsletter_of(newsletter)
        except UsageError:
            return newsletter, ""
        return owner.title, owner.timezone

    # --- mails ----------------------------------------------------------------------------------

    def _prepare(self, stored: StoredEdition) -> Prepared:
        """Write a draft's letters, or reuse the last ones for the frames of the same page."""
        asked, now = (stored.id, stored.content_hash), self._context.clock()
        known = self._last
        if known is not None and known[0] == asked and now - known[1] < _FRESH:
            return known[2]
        owner = self._context.newsletter_of(stored.newsletter)
        rule = owner.audience_of(stored.cadence, stored.local_at)
        prepared = prepare(self._context.database, stored, owner.writer, rule, now=now)
        self._last = (asked, now, prepared)
        return prepared

    def _variants(self, stored: StoredEdition) -> tuple[VariantRow, ...]:
        with self._context.database.read() as connection:
            listed = variants.list_variants(connection, stored.id)
            subscribers = variants.count_subscribers(connection, stored.id)
        return tuple(_stored_row(variant, subscribers.get(variant.id, 0)) for variant in listed)

    def _pieces(self, stored: StoredEdition, variant_key: str) -> Pieces | None:
        if _is_draft(stored):
            written = self._prepare(stored).rendered.get(variant_key)
            return written.letter.pieces if written else None
        with self._context.database.read() as connection:
            listed = variants.list_variants(connection, stored.id)
            wanted = next((v.id for v in listed if v.key == variant_key), None)
            pieces = variants.variant_pieces(connection, wanted) if wanted else None
        return Pieces.from_bytes(pieces) if pieces else None


def _is_draft(stored: StoredEdition) -> bool:
    return stored.state in editions.OPEN


def _draft_variants(prepared: Prepared) -> tuple[VariantRow, ...]:
    subscribers: Counter[str] = Counter()
    for group, mail in prepared.distribution.mails.items():
        subscribers[mail.variant.key] += group.subscribers
    return tuple(_draft_row(each, subscribers[key]) for key, each in prepared.rendered.items())


def _draft_row(each: RenderedVariant, subscribers: int) -> VariantRow:
    return VariantRow(
        key=each.variant.key,
        label=_label(each.rule.categories),
        subject=each.letter.subject,
        story_count=each.letter.variant.count,
        subscriber_count=subscribers,
        findings=each.letter.findings,
    )


def _stored_row(variant: StoredVariant, subscribers: int) -> VariantRow:
    return VariantRow(
        key=variant.key,
        label=_label(variant.categories),
        subject=variant.subject,
        story_count=variant.story_count,
        subscriber_count=subscribers,
        findings=_load_findings(variant.findings),
    )


def _load_findings(stored: str) -> tuple[Finding, ...]:
    return tuple(Finding(**finding) for finding in json.loads(stored))


def _label(categories: str) -> str:
    return ", ".join(load_categories(categories)) or "All sections"
