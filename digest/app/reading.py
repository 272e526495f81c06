"""Builds the fetchers of feeds, pages and pictures from the configuration."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import digest
from digest.app.wiring import utc_now
from digest.composer.rules import ImageMode
from digest.config import Config, FeedConfig
from digest.models import CollectReport, FeedOutcome, FeedSource
from digest.pipeline.collect import ImageSettings, ask_again, collect
from digest.readers.parsing.pool import ParserPool
from digest.readers.web.access import Access
from digest.readers.web.fetch import ACCEPT_PICTURES, Fetcher
from digest.readers.web.origin import Login, parse_proxy

if TYPE_CHECKING:
    from digest.app.wiring import App

#: The size of a photograph straight from a camera.
_MAX_PICTURE_BYTES = 10_000_000


def open_fetcher(config: Config) -> Fetcher:
    """Return the guarded fetcher, to use with `async with`."""
    return Fetcher(max_bytes=config.fetch.max_bytes, **_shared(config))


@asynccontextmanager
async def open_image_settings(
    config: Config, pool: ParserPool
) -> AsyncIterator[ImageSettings | None]:
    """Open the settings for pictures that we store ourselves; None if no newsletter uses them.

    Args:
        config: the whole configuration.
        pool: the parser pool, already entered.
    """
    own = [each for each in config.newsletters if ImageMode(each.images).is_own]
    if not own:
        yield None
        return
    async with Fetcher(
        max_bytes=_MAX_PICTURE_BYTES,
        limit_advice="",
        accept=ACCEPT_PICTURES,
        **_shared(config),
    ) as fetcher:
        has_folder = any(each.images == "folder" for each in own)
        yield ImageSettings(
            fetcher=fetcher,
            pool=pool,
            categories=frozenset(name for each in own for name in each.categories),
            folder=config.images.folder if has_folder else None,
        )


async def read_feeds(
    app: App,
    sources: tuple[FeedSource, ...],
    now: datetime,
    *,
    on_progress: Callable[[FeedOutcome], None] = lambda _: None,
    is_forced: bool = False,
) -> CollectReport:
    """Fetch feeds and store new posts and comments; a failed feed is in the report.

    Args:
        app: the installation.
        sources: the feeds to fetch.
        now: the time; later dates are rejected.
        on_progress: called after each feed.
        is_forced: whether to also fetch feeds that are gone or whose server asked us to wait.

    Raises:
        StoreError: the database is not available.
    """
    async with (
        open_fetcher(app.config) as fetcher,
        ParserPool() as pool,
        open_image_settings(app.config, pool) as image_settings,
    ):
        return await collect(
            app.database,
            fetcher,
            pool,
            sources,
            now=now,
            on_progress=on_progress,
            image_settings=image_settings,
            is_forced=is_forced,
        )


async def read_comments(app: App, post_ids: Sequence[int], now: datetime) -> None:
    """Read the comments of posts again, and store what changed; at most a minute.

    Args:
        app: the installation.
        post_ids: the posts.
        now: the time; later dates are rejected.

    Raises:
        StoreError: the database is not available.
    """
    async with open_fetcher(app.config) as fetcher, ParserPool() as pool:
        await ask_again(app.database, fetcher, pool, post_ids, now=now)


def _access_of(feed: FeedConfig) -> Access:
    login = None
    if feed.username:
        login = Login(username=feed.username, password=feed.password.get_secret_value())
    return Access(
        login=login,
        headers=feed.sent_headers,
        max_bytes=feed.max_bytes,
        allow_private=feed.allow_private,
    )


def _shared(config: Config) -> dict[str, Any]:
    """Return the arguments that all fetchers share."""
    limits = config.fetch
    contact = limits.contact or config.site.base_url
    return {
        "timeout_s": limits.timeout_s,
        "concurrency": limits.concurrency,
        "per_host": limits.per_host,
        "allow_private": limits.allow_private,
        # A site's owner can see in the log who reads the site, and whom to contact.
        "user_agent": f"digest/{digest.__version__} (+{contact})",
        "accesses": {feed.url: _access_of(feed) for feed in config.feeds},
        "proxy": parse_proxy(limits.proxy.get_secret_value()) if limits.proxy else None,
        "clock": utc_now,
    }
