"""The exact mails of an edition; those of a draft are written on demand."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from digest.composer.snapshot import edition_from_json
from digest.letter.printing.message import Pieces
from digest.letter.printing.opened import OpenedMessage, open_message
from digest.models import StoredEdition, StoredVariant
from digest.newsroom.context import RunContext
from digest.newsroom.desk.listing import edition_row, load_findings
from digest.newsroom.desk.rows import EditionPage, VariantRow
from digest.pipeline.prepare import Prepared, RenderedVariant, prepare
from digest.store import closing, editions, variants
from subscribers.preferences import load_categories

#: Addressee of every mail that is only shown.
_SAMPLE_ADDRESS = "subscriber@example.org"
#: How long the letters of a draft are reused after they were written.
_FRESH = timedelta(seconds=30)


class EditionLetters:
    """Read-only access to the mails of editions."""

    def __init__(self, context: RunContext) -> None:
        """Store the context; the database is opened at the first read."""
        self._context = context
        self._last: tuple[tuple[int, str], datetime, Prepared] | None = None

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
        row = edition_row(
            self._context,
            stored,
            account,
            listed[0].findings if listed else (),
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
        findings=load_findings(variant.findings),
    )


def _label(categories: str) -> str:
    return ", ".join(load_categories(categories)) or "All sections"
