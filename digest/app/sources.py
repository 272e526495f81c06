"""From the configuration to the feeds to read."""

from __future__ import annotations

from digest.config import Config, FilterConfig
from digest.models import FeedSource, PostFilter


def feed_sources(config: Config) -> tuple[FeedSource, ...]:
    """Give the feeds to read."""
    return tuple(
        FeedSource(
            url=feed.url,
            categories=feed.category,
            map=tuple(feed.map.items()),
            include=_filter(feed.include),
            exclude=_filter(feed.exclude),
            has_comments=feed.comments == "auto",
            full_text=feed.full_text == "auto",
            interval=feed.interval,
        )
        for feed in config.feeds
    )


def _filter(told: FilterConfig) -> PostFilter:
    return PostFilter(category=told.category, author=told.author, title=told.title)
