"""The use cases of feeds, for all doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom.feeds import use_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.models import Actor, FeedOutcome
    from digest.newsroom.context import RunContext
    from digest.newsroom.feeds.examine import Examined
    from digest.newsroom.feeds.file import FeedFile, ReadList
    from digest.newsroom.feeds.health import FeedReport
    from digest.newsroom.feeds.manage import Added, FeedPage, ListedFeed
    from digest.newsroom.feeds.sighting import Scouting


class Feeds:
    """The use cases of feeds; each is documented in its own module."""

    def __init__(self, context: RunContext) -> None:
        self._context = context

    async def find(self, url: str) -> Scouting:
        """Find and read the feeds of a page or address; nothing is stored."""
        return await use_cases.find.find(self._context, url)

    async def examine(self, url: str) -> Examined:
        """Read one address and return the facts about it; nothing is stored."""
        return await use_cases.examine.examine(self._context, url)

    def health(self) -> tuple[FeedReport, ...]:
        """Return the state of every configured feed, in the order of the configuration."""
        context = self._context
        return use_cases.health.report_feeds(context.database, context.sources, now=context.clock())

    def titles(self) -> dict[str, str]:
        """Return the titles of the feeds by address; empty for feeds that were never read."""
        return use_cases.health.read_titles(self._context)

    # --- at the desk ----------------------------------------------------------------------------

    def list(self) -> tuple[ListedFeed, ...]:
        """Return the feeds of the configuration file as it is now."""
        return use_cases.manage.list_feeds(self._context)

    def show(self, name: str) -> FeedPage | None:
        """Return a feed's page; None if the file has no feed of that name."""
        return use_cases.manage.show_feed(self._context, name)

    def has(self, name: str) -> bool:
        """Return whether the configuration file has a feed of that name."""
        return use_cases.manage.has_feed(self._context, name)

    async def try_now(self, name: str, *, by: Actor) -> FeedOutcome:
        """Read one feed now and store what is new."""
        return await use_cases.manage.try_now(self._context, name, by=by)

    def add(self, url: str, categories: Sequence[str], *, section: str = "", by: Actor) -> Added:
        """Add a feed to the configuration file."""
        return use_cases.manage.add(self._context, url, categories, section=section, by=by)

    def remove(self, name: str, *, by: Actor) -> str:
        """Remove a feed from the configuration file; return its address."""
        return use_cases.manage.remove(self._context, name, by=by)

    def read_opml(self, body: bytes, name: str, categories: Sequence[str] = ()) -> ReadList:
        """Read an OPML list of feeds, without adding any."""
        return use_cases.manage.read_opml(self._context, body, name, categories)

    def add_list(self, listed: ReadList, *, section: str = "", by: Actor) -> Added:
        """Add the new feeds of an OPML list to the configuration file."""
        return use_cases.manage.add_list(self._context, listed, section=section, by=by)

    def write_opml(self) -> bytes:
        """Return the configured feeds as OPML."""
        return self._context.feed_file.write_opml()

    @property
    def file(self) -> FeedFile:
        """The feeds of the configuration file as it is now."""
        return self._context.feed_file
