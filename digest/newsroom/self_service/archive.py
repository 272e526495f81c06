"""The public archive: past editions as pages and as a list, from the stored editions.

The page of an edition is the variant with all categories since the last edition of its cadence, in
the newsletter's language and normal size. It has no subscriber, so no personal link.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote
from zoneinfo import ZoneInfo

from digest.errors import UsageError
from digest.letter.printing.presentation import build_view
from digest.letter.printing.view import ArchiveView, LetterView, NeighbourView
from digest.models import StoredEdition, Variant
from digest.newsroom.context import NewsletterContext, RunContext
from digest.newsroom.self_service.facts import NewsletterFacts, facts_of
from digest.pipeline.audience import general_rule, variant_for
from digest.pipeline.prepare import dated_edition
from digest.store import editions
from digest.store.archive import (
    ArchivedCadence,
    ArchivedRow,
    count_archived,
    find_archived,
    list_archived,
    neighbours,
)
from digest.store.engine import Connection

#: Editions on a page of the list, and in the feed.
PER_PAGE = 20
#: Editions that stay in memory after they were read; a page of the list needs 20.
_KEPT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveEntry:
    """One edition in the list and in the feed."""

    url: str
    #: When its first mail left, in the newsletter's zone.
    at: datetime
    letter: LetterView
    #: The small picture of the story at the top; empty without one.
    image_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceLink:
    """One cadence whose editions the archive lists."""

    #: In words, such as `every Monday at 7:00 AM`.
    schedule: str
    url: str
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveList:
    """A page of the list of past editions."""

    #: The newsletter's name and title.
    newsletter: str
    title: str
    #: May be empty.
    tagline: str
    #: BCP 47 tag.
    language: str
    entries: tuple[ArchiveEntry, ...]
    #: The address of this page, and of the feed.
    url: str
    feed_url: str
    #: The pages before and after; empty if there is none.
    newer_url: str
    older_url: str
    #: Empty if there is only one.
    cadences: tuple[CadenceLink, ...]
    #: Whether search engines may list the pages.
    is_indexed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPage:
    """The page of one edition."""

    html: str
    #: The last time at which something on it changed.
    changed_at: datetime
    is_indexed: bool


class Archive:
    """The past editions of the newsletters with `archive = true`.

    Every method may raise `StoreError` if the database is not available.
    """

    def __init__(self, context: RunContext) -> None:
        """Store the access to the data; a frozen edition never changes, so it is read once."""
        self._context = context
        self._facts = facts_of(context)
        self._read = lru_cache(maxsize=_KEPT)(self._read_entry)

    @property
    def newsletters(self) -> tuple[str, ...]:
        """The names of the newsletters that have an archive."""
        return tuple(each.name for each in self._context.newsletters if _is_public(each))

    def list_editions(
        self, newsletter: str, *, cadence: str = "", page: int = 1
    ) -> ArchiveList | None:
        """Return a page of the list, newest first; None if there is no such page.

        A monthly edition repeats the posts of the weekly ones, so each cadence has a list of its
        own.

        Args:
            newsletter: the newsletter's name.
            cadence: the cadence; empty for the first, which also has the editions of cadences that
                are no longer configured.
            page: the number of the page, from 1.
        """
        owner = self._find(newsletter)
        wanted = _cadence_of(owner, cadence) if owner else None
        if owner is None or wanted is None:
            return None
        with self._context.database.read() as connection:
            count = count_archived(connection, wanted)
            rows = list_archived(connection, wanted, most=PER_PAGE, skip=(page - 1) * PER_PAGE)
            links = tuple(_cadence_links(connection, owner, self._facts[newsletter], wanted))
        if page > 1 and not rows:
            return None
        facts, address = self._facts[newsletter], _Addresses(owner, wanted)
        return ArchiveList(
            newsletter=newsletter,
            title=facts.title,
            tagline=facts.masthead.tagline,
            language=facts.language,
            entries=tuple(filter(None, (self._read(newsletter, row) for row in rows))),
            url=address.page(page),
            feed_url=address.feed,
            newer_url=address.page(page - 1) if page > 1 else "",
            older_url=address.page(page + 1) if page * PER_PAGE < count else "",
            cadences=links if len(links) > 1 else (),
            is_indexed=owner.writer.site.is_archive_indexed,
        )

    def show_edition(self, newsletter: str, number: int) -> ArchivedPage | None:
        """Return the page of an edition; None if it is not public.

        Raises:
            TemplateError: a template cannot be rendered.
        """
        owner = self._find(newsletter)
        if owner is None:
            return None
        with self._context.database.read() as connection:
            row = find_archived(connection, newsletter, number)
            if row is None:
                return None
            wanted = _cadence_of(owner, row.cadence) or _first_of(owner)
            older, newer = neighbours(connection, wanted, row)
        entry = self._read(newsletter, row)
        if entry is None:
            return None
        site = owner.writer.site
        shown = ArchiveView(
            url=entry.url,
            feed=_Addresses(owner, wanted).feed,
            image_url=entry.letter.lead.image_url if entry.letter.lead else "",
            published=row.at.astimezone(UTC).isoformat(timespec="seconds"),
            is_indexed=site.is_archive_indexed,
            older=_neighbour(owner, older),
            newer=_neighbour(owner, newer),
        )
        return ArchivedPage(
            html=owner.writer.renderer.render_web(replace(entry.letter, archive=shown)),
            changed_at=newer.at if newer else row.at,
            is_indexed=site.is_archive_indexed,
        )

    def _find(self, newsletter: str) -> NewsletterContext | None:
        try:
            owner = self._context.newsletter_of(newsletter)
        except UsageError:
            return None
        return owner if newsletter and _is_public(owner) else None

    def _read_entry(self, newsletter: str, row: ArchivedRow) -> ArchiveEntry | None:
        """Read an edition; None if it has no story for subscribers who read each edition."""
        with self._context.database.read() as connection:
            stored = editions.get_edition(connection, row.id)
        return None if stored is None else self._make_entry(newsletter, row, stored)

    def _make_entry(
        self, newsletter: str, row: ArchivedRow, stored: StoredEdition
    ) -> ArchiveEntry | None:
        owner = self._context.newsletter_of(newsletter)
        edition = dated_edition(stored, now=row.at)
        variant = variant_for(edition, general_rule(edition))
        if variant is None:
            return None
        letter = build_view(edition, variant, owner.writer.site, None)
        return ArchiveEntry(
            url=f"{owner.writer.site.archive_url(newsletter)}/{row.number}",
            at=row.at.astimezone(ZoneInfo(edition.timezone)),
            letter=letter,
            image_url=_small_picture(letter, variant),
        )


@dataclass(frozen=True, slots=True)
class _Addresses:
    """The addresses of one list."""

    owner: NewsletterContext
    wanted: ArchivedCadence

    def page(self, number: int) -> str:
        chosen = [f"page={number}"] if number > 1 else []
        return self._with(self._root, chosen)

    @property
    def feed(self) -> str:
        return self._with(f"{self._root}/feed.xml", [])

    @property
    def _root(self) -> str:
        return self.owner.writer.site.archive_url(self.owner.name)

    def _with(self, url: str, chosen: list[str]) -> str:
        cadence = [f"cadence={quote(self.wanted.cadence)}"] if self.wanted.cadence else []
        query = "&".join([*cadence, *chosen])
        return f"{url}?{query}" if query else url


def _is_public(newsletter: NewsletterContext) -> bool:
    return newsletter.writer.site.has_archive


def _first_of(owner: NewsletterContext) -> ArchivedCadence:
    others = tuple(each.name for each in owner.cadences[1:])
    return ArchivedCadence(newsletter=owner.name, others=others)


def _cadence_of(owner: NewsletterContext, cadence: str) -> ArchivedCadence | None:
    """Return the editions of a cadence, by default the first; None if it does not exist."""
    first, *others = (each.name for each in owner.cadences)
    if cadence in ("", first):
        return _first_of(owner)
    if cadence in others:
        return ArchivedCadence(newsletter=owner.name, cadence=cadence)
    return None


def _cadence_links(
    connection: Connection,
    owner: NewsletterContext,
    facts: NewsletterFacts,
    shown: ArchivedCadence,
) -> Iterator[CadenceLink]:
    """Yield a link for each cadence with editions."""
    for cadence in owner.cadences:
        wanted = _cadence_of(owner, cadence.name) or _first_of(owner)
        if wanted == shown or list_archived(connection, wanted, most=1):
            yield CadenceLink(
                schedule=facts.in_words(cadence.name, facts.language),
                url=_Addresses(owner, wanted).page(1),
                is_shown=wanted == shown,
            )


def _neighbour(owner: NewsletterContext, row: ArchivedRow | None) -> NeighbourView | None:
    if row is None:
        return None
    url = f"{owner.writer.site.archive_url(owner.name)}/{row.number}"
    return NeighbourView(number=row.number, url=url)


def _small_picture(letter: LetterView, variant: Variant) -> str:
    """Return the picture beside an edition in the list: the lead's, its small copy if there is one.

    `letter` has no picture that may not be shown.
    """
    if letter.lead is None or variant.lead is None or not letter.lead.image_url:
        return ""
    small = variant.lead.image_url
    return small if small.startswith("https://") else letter.lead.image_url
