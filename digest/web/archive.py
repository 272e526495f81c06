"""The pages' view of the editions in the database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from digest.app import App
from digest.app.composing import audience_of
from digest.app.printing import letter_writer_of, preview_writer_of
from digest.composer.edition import edition_from_json
from digest.letter.letter import render_web
from digest.letter.printing.message import Pieces
from digest.letter.writer import LetterWriter
from digest.models import DeliveryState, Finding
from digest.pipeline.distribution import rule_of_variant, variant_for
from digest.pipeline.prepare import Prepared, prepare
from digest.pipeline.rendering import RenderedVariant, general_mail, read_present, render_all
from digest.store import closing, editions, pictures, variants
from digest.store.editions import StoredEdition
from digest.store.engine import Database
from digest.store.variants import StoredVariant
from digest.web.ports import Clock, EditionPage, EditionRow, ServedPicture, VariantRow
from subscribers.people import find_public_id
from subscribers.preferences import load_categories
from subscribers.tokens import Link

#: Addressee of every mail that is only looked at.
_NOBODY = "subscriber@example.org"
#: How long the letters of a draft that were just written are shown again.
_FRESH = timedelta(seconds=30)


class StoredEditions:
    """Editions as the database holds them; letters of a draft are written as they are asked for."""

    def __init__(self, app: App, clock: Clock) -> None:
        """Take the wiring; the database is opened with the first question."""
        self._app = app
        self._clock = clock
        self._last: tuple[tuple[int, str], datetime, Prepared] | None = None

    def list_editions(self) -> tuple[EditionRow, ...]:
        """Give the editions, newest first."""
        with self._app.database.read() as connection:
            found = editions.list_editions(connection)
        return tuple(self._row(stored, self._main_variant(stored)) for stored in found)

    def find_edition(self, edition_id: int) -> EditionPage | None:
        """Give one edition; None where there is none of that number."""
        stored = self._stored(edition_id)
        if stored is None:
            return None
        if _is_draft(stored):
            prepared = self._prepare(stored)
            edition, listed = prepared.edition, self._draft_variants(prepared)
        else:
            edition, listed = edition_from_json(stored.snapshot), self._variants(stored)
        return EditionPage(
            row=self._row(stored, listed[:1]),
            edition=edition,
            variants=listed,
            has_poll_here_only=_is_draft(stored) and edition.poll is not None,
        )

    def read_mail(self, edition_id: int, variant_key: str) -> bytes | None:
        """Give the exact mail of a variant, addressed to nobody and with links that do nothing."""
        stored = self._stored(edition_id)
        if stored is None:
            return None
        pieces = self._pieces(stored, variant_key)
        if pieces is None:
            return None
        mail = self._writer(stored).sample(
            pieces, _NOBODY, number=str(edition_id), now=self._clock()
        )
        return mail.content

    def _stored(self, edition_id: int) -> StoredEdition | None:
        with self._app.database.read() as connection:
            return editions.get_edition(connection, edition_id)

    # --- before the freeze: letters are written on the spot --------------------------------------

    def _draft_variants(self, prepared: Prepared) -> tuple[VariantRow, ...]:
        subscribers: Counter[str] = Counter()
        for group, mail in prepared.distribution.mails.items():
            subscribers[mail.variant.key] += group.subscribers
        return tuple(_draft_row(each, subscribers[key]) for key, each in prepared.rendered.items())

    def _prepare(self, stored: StoredEdition) -> Prepared:
        """Write a draft's letters; those of the last look serve the frames of its page too."""
        asked, now = (stored.id, stored.content_hash), self._clock()
        known = self._last
        if known is not None and known[0] == asked and now - known[1] < _FRESH:
            return known[2]
        newsletter = self._app.newsletter(stored.newsletter)
        rule = audience_of(self._app.config, newsletter, stored.cadence, stored.local_at)
        writer = preview_writer_of(self._app, newsletter)
        prepared = prepare(self._app.database, stored, writer, rule, now=now)
        self._last = (asked, now, prepared)
        return prepared

    def _main_variant(self, stored: StoredEdition) -> tuple[VariantRow, ...]:
        """Give the variant that most subscribers get, for the list."""
        if not _is_draft(stored):
            return self._variants(stored)[:1]
        edition, writer = edition_from_json(stored.snapshot), self._writer(stored)
        with self._app.database.read() as connection:
            present = read_present(connection, edition, now=self._clock())
        settled = render_all(edition, writer, present, general_mail)
        return tuple(_draft_row(each, None) for each in settled.rendered.values())

    def _writer(self, stored: StoredEdition) -> LetterWriter:
        return letter_writer_of(self._app, self._app.newsletter(stored.newsletter))

    # --- from the freeze on: what was stored ------------------------------------------------------

    def _variants(self, stored: StoredEdition) -> tuple[VariantRow, ...]:
        with self._app.database.read() as connection:
            listed = variants.list_variants(connection, stored.id)
            subscribers = variants.count_subscribers(connection, stored.id)
        return tuple(_stored_row(variant, subscribers.get(variant.id, 0)) for variant in listed)

    def _pieces(self, stored: StoredEdition, variant_key: str) -> Pieces | None:
        if _is_draft(stored):
            written = self._prepare(stored).rendered.get(variant_key)
            return written.letter.pieces if written else None
        with self._app.database.read() as connection:
            listed = variants.list_variants(connection, stored.id)
            wanted = next((v.id for v in listed if v.key == variant_key), None)
            pieces = variants.variant_pieces(connection, wanted) if wanted else None
        return Pieces.from_bytes(pieces) if pieces else None

    def _row(self, stored: StoredEdition, main: tuple[VariantRow, ...]) -> EditionRow:
        edition = edition_from_json(stored.snapshot)
        findings = [finding for variant in main for finding in variant.findings]
        errors = sum(finding.is_error for finding in findings)
        return EditionRow(
            id=stored.id,
            newsletter=edition.title,
            number=stored.number,
            state=stored.state,
            paused_reason=stored.paused_reason,
            slot=stored.local_at,
            timezone=edition.timezone,
            subject=main[0].subject if main else "",
            story_count=len(edition.stories),
            deliveries=self._counts(stored),
            error_count=errors,
            warning_count=len(findings) - errors,
        )

    def _counts(self, stored: StoredEdition) -> tuple[tuple[DeliveryState, int], ...]:
        with self._app.database.read() as connection:
            account = closing.read_accounting(connection, stored.id)
        counted = ((state, getattr(account, state)) for state in DeliveryState)
        return tuple((state, count) for state, count in counted if count)


def web_view(app: App) -> Callable[[Link], str | None]:
    """Give what renders a subscriber's own variant of an edition as a page."""

    def view(link: Link) -> str | None:
        with app.database.read() as connection:
            person = find_public_id(connection, link.public_id)
            stored = editions.get_edition(connection, link.edition_id or 0)
            if person is None or stored is None or stored.newsletter != link.newsletter:
                return None
            got = variants.variant_of_subscriber(connection, stored.id, person.id)
        if got is None:
            return None
        edition = edition_from_json(stored.snapshot)
        variant = variant_for(edition, rule_of_variant(got))
        if variant is None:
            return None
        writer = letter_writer_of(app, app.newsletter(stored.newsletter))
        return render_web(edition, variant, writer.site, writer.renderer)

    return view


def picture_finder(database: Database) -> Callable[[str], ServedPicture | None]:
    """Give what finds the pictures that mails show."""

    def find(file: str) -> ServedPicture | None:
        with database.read() as connection:
            found = pictures.find_file(connection, file)
        return ServedPicture(media_type=found.media_type, content=found.content) if found else None

    return find


def _is_draft(stored: StoredEdition) -> bool:
    return stored.state in editions.OPEN


def _draft_row(each: RenderedVariant, subscribers: int | None) -> VariantRow:
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
        findings=tuple(Finding(**finding) for finding in json.loads(variant.findings)),
    )


def _label(categories: str) -> str:
    return ", ".join(load_categories(categories)) or "All sections"
