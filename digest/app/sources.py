"""Builds the list of feeds to read from the configuration."""

from __future__ import annotations

from digest.config import Config, FilterConfig
from digest.models import FeedSource, PostFilter


def feed_sources(config: Config) -> tuple[FeedSource, ...]:
    """Return the feeds to read."""
    has_images = any(each.images != "none" for each in config.newsletters)
    return tuple(
        FeedSource(
            url=feed.url,
            categories=feed.category,
            map=tuple(feed.map.items()),
            include=_filter(feed.include),
            exclude=_filter(feed.exclude),
            has_comments=feed.comments == "auto",
            full_text=feed.full_text == "auto",
            has_images=has_images,
            interval=feed.interval,
            max_post_age=feed.max_post_age,
        )
        for feed in config.feeds
    )


def _filter(config: FilterConfig) -> PostFilter:
    return PostFilter(category=config.category, author=config.author, title=config.title)
