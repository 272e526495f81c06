"""A feed's turn, first part: the feed itself, from its address to stored posts."""

from __future__ import annotations

import asyncio
import hashlib

from digest.errors import FeedError
from digest.models import Change, FeedSource, Fetched, ParsedFeed, SourceKind, Validators
from digest.pipeline.collect.kit import Kit
from digest.pipeline.collect.outcome import FeedOutcome, FeedResult
from digest.readers.identity import KnownPosts, distinct, link_keys
from digest.readers.intake import decide, problems_of
from digest.store import comment_sources, feeds, posts
from digest.store.feeds import FeedState


def open_feed(kit: Kit, source: FeedSource) -> FeedState:
    """Give what is remembered of a feed."""
    with kit.database.write() as connection:
        return feeds.open_feed(connection, source.url, now=kit.now)


async def read_feed(kit: Kit, source: FeedSource, state: FeedState) -> FeedOutcome:
    """Read one feed and store what is new; what fails is in its outcome."""
    try:
        return await _read(kit, source, state)
    except FeedError as error:
        await asyncio.to_thread(_save_failure, kit, state, error.reason)
        return FeedOutcome(url=source.url, result=FeedResult.FAILED, problems=(error.reason,))


async def _read(kit: Kit, source: FeedSource, state: FeedState) -> FeedOutcome:
    fetched = await kit.fetcher.get(source.url, state.validators)
    moved = (f"has moved to {fetched.moved_to}; change its url",) if fetched.moved_to else ()
    body_hash = hashlib.sha256(fetched.body).hexdigest()
    if fetched.is_unchanged or body_hash == state.body_hash:
        await asyncio.to_thread(_save_unchanged, kit, state, fetched)
        return FeedOutcome(url=source.url, result=FeedResult.UNCHANGED, problems=moved)
    parsed = await kit.pool.read_feed(fetched.body, fetched.url, fetched.content_type, kit.now)
    changes = await asyncio.to_thread(
        _save_feed, kit, source, state, parsed, fetched.validators, body_hash
    )
    return FeedOutcome(
        url=source.url,
        result=FeedResult.READ,
        new=changes.count(Change.NEW),
        changed=changes.count(Change.CHANGED),
        problems=moved + problems_of(parsed),
    )


def _save_feed(
    kit: Kit,
    source: FeedSource,
    state: FeedState,
    parsed: ParsedFeed,
    validators: Validators,
    body_hash: str,
) -> list[Change]:
    """Decide and store inside one write, so that two feeds never both bring one post."""
    guids = [post.guid for post in parsed.posts]
    keys = link_keys(distinct(parsed.posts))
    with kit.database.write() as connection:
        known = KnownPosts(posts.known_posts(connection, state.id, guids, keys))
        updates = decide(parsed, known, is_first_read=not state.is_read, now=kit.now)
        ids = posts.save_posts(connection, state.id, updates, source.categories, now=kit.now)
        found = zip(ids, (update.parsed.comment_feed_url for update in updates), strict=True)
        named = ((id_, SourceKind.FEED, url) for id_, url in found if url)
        comment_sources.add_sources(connection, named)
        feeds.save_feed(
            connection, state.id, parsed, validators=validators, body_hash=body_hash, now=kit.now
        )
    return [update.change for update in updates]


def _save_unchanged(kit: Kit, state: FeedState, fetched: Fetched) -> None:
    with kit.database.write() as connection:
        feeds.save_unchanged(connection, state.id, validators=fetched.validators, now=kit.now)


def _save_failure(kit: Kit, state: FeedState, reason: str) -> None:
    with kit.database.write() as connection:
        feeds.save_failure(connection, state.id, reason, now=kit.now)
