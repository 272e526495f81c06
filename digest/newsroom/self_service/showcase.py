"""The newest edition as a page to sign up shows it: its picture and its headlines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from digest.letter.printing.presentation import build_view
from digest.letter.printing.view import StoryView
from digest.models import StoredEdition
from digest.newsroom.context import RunContext
from digest.pipeline.audience import general_rule, variant_for
from digest.pipeline.prepare import dated_edition
from digest.store import editions

#: Headlines shown; the page is about signing up.
MOST = 5
#: Editions that stay in memory; a finished edition never changes.
_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One post of the newest edition."""

    title: str
    #: The post's own page.
    url: str
    #: `ltr` or `rtl`, by the language of the edition.
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Showcase:
    """The newest edition of a newsletter."""

    #: The day of its mails, in the newsletter's zone.
    at: datetime
    #: BCP 47 tag, and its direction.
    language: str
    direction: str
    #: Absolute URL of the picture at its top, and the picture's words; empty without one.
    image_url: str
    image_alt: str
    #: The one at the top first.
    headlines: tuple[Headline, ...]
    #: Posts beyond `headlines`.
    more: int


class Showcases:
    """Reads the newest finished edition of each newsletter."""

    def __init__(self, context: RunContext) -> None:
        """Store the access to the data."""
        self._context = context
        self._read = lru_cache(maxsize=_KEPT)(self._read_edition)

    def newest(self, newsletter: str) -> Showcase | None:
        """Return the newest finished edition of a newsletter; None if it has none with a story.

        Raises:
            UsageError: the newsletter is not configured.
            StoreError: the database cannot be used.
        """
        with self._context.database.read() as connection:
            found = editions.newest_finished_id(connection, newsletter)
        return self._read(found) if found else None

    def _read_edition(self, edition_id: int) -> Showcase | None:
        with self._context.database.read() as connection:
            stored = editions.get_edition(connection, edition_id)
        return self._make(stored) if stored else None

    def _make(self, stored: StoredEdition) -> Showcase | None:
        edition = dated_edition(stored, now=stored.due_at)
        variant = variant_for(edition, general_rule(edition))
        if variant is None:
            return None
        site = self._context.newsletter_of(stored.newsletter).writer.site
        letter = build_view(edition, variant, site, None)
        stories: list[StoryView] = [letter.lead] if letter.lead else []
        for section in letter.sections:
            stories += [*section.stories, *section.titles, *section.more]
        pictured = next((story for story in stories if story.image_url), None)
        return Showcase(
            at=edition.dated_at.astimezone(ZoneInfo(edition.timezone)),
            language=letter.language,
            direction=letter.direction,
            image_url=pictured.image_url if pictured else "",
            image_alt=pictured.image_alt if pictured else "",
            headlines=tuple(
                Headline(title=story.title, url=story.url, direction=letter.direction)
                for story in stories[:MOST]
            ),
            more=max(len(stories) - MOST, 0),
        )
