"""The use cases of feeds, for all doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.newsroom.feeds import use_cases

if TYPE_CHECKING:
    from digest.newsroom.context import RunContext
    from digest.newsroom.feeds.examine import Examined
    from digest.newsroom.feeds.health import FeedReport
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
