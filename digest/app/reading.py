"""From the configuration to the ways to the web: feeds, pages and pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import digest
from digest.composer.rules import ImageMode
from digest.config import Config, FilterConfig
from digest.models import FeedSource, PostFilter
from digest.pipeline.collect import Gallery
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.fetch import ACCEPT_PICTURES, Fetcher
from digest.readers.web.origin import Login, parse_proxy

#: A photograph as a camera writes it.
_MAX_PICTURE_BYTES = 10_000_000


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


def open_fetcher(config: Config, *, clock: Callable[[], datetime]) -> Fetcher:
    """Give the guarded way to the web; to be entered."""
    return Fetcher(max_bytes=config.fetch.max_bytes, **_shared(config, clock))


@asynccontextmanager
async def open_gallery(
    config: Config, pool: ParserPool, *, clock: Callable[[], datetime]
) -> AsyncIterator[Gallery | None]:
    """Give what newsletters need that show pictures from a place of their own; None: none do."""
    own = [each for each in config.newsletters if ImageMode(each.images).is_own]
    if not own:
        yield None
        return
    async with Fetcher(
        max_bytes=_MAX_PICTURE_BYTES,
        max_wire_bytes=_MAX_PICTURE_BYTES,
        accept=ACCEPT_PICTURES,
        **_shared(config, clock),
    ) as fetcher:
        has_folder = any(each.images == "folder" for each in own)
        yield Gallery(
            fetcher=fetcher,
            pool=pool,
            categories=frozenset(name for each in own for name in each.categories),
            folder=config.images.folder if has_folder else None,
        )


def _shared(config: Config, clock: Callable[[], datetime]) -> dict[str, Any]:
    """Give what holds for every way to the web."""
    limits = config.fetch
    contact = limits.contact or config.site.base_url
    return {
        "timeout_s": limits.timeout_s,
        "concurrency": limits.concurrency,
        "per_host": limits.per_host,
        "allow_private": limits.allow_private,
        # A site's owner can see in the log who reads it, and whom to ask.
        "user_agent": f"digest/{digest.__version__} (+{contact})",
        "logins": {
            feed.url: Login(username=feed.username, password=feed.password.get_secret_value())
            for feed in config.feeds
            if feed.username
        },
        "proxy": parse_proxy(limits.proxy.get_secret_value()) if limits.proxy else None,
        "clock": clock,
    }


def _filter(told: FilterConfig) -> PostFilter:
    return PostFilter(category=told.category, author=told.author, title=told.title)
