"""A feed's turn, first part: the feed itself, from its address to stored posts."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime, timedelta

from digest.errors import FeedError, GoneError, HeldError
from digest.models import Change, FeedSource, Fetched, ParsedFeed, SourceKind, Validators
from digest.pipeline.collect.kit import Kit
from digest.pipeline.collect.moves import follow_moves
from digest.pipeline.collect.outcome import FeedOutcome, FeedResult
from digest.readers.categories import file_post, rules_hash
from digest.readers.identity import KnownPosts, distinct, link_keys
from digest.readers.intake import decide, problems_of
from digest.store import comment_sources, feeds, filing, posts
from digest.store.feeds import FeedState, Moves

#: So often a feed is asked for its whole document, though its server says that nothing changed.
WHOLE_EVERY = timedelta(days=7)


def open_feed(kit: Kit, source: FeedSource) -> FeedState:
    """Give what is remembered of a feed; by changed rules its stored posts are filed anew."""
    rules = rules_hash(source)
    with kit.database.write() as connection:
        state = feeds.open_feed(connection, source.url, now=kit.now)
        if state.rules_hash != rules:
            stored = filing.labels_of(connection, state.id)
            filed = {post.post_id: file_post(post, source).categories for post in stored}
            filing.file_posts(connection, state.id, filed)
            feeds.save_rules(connection, state.id, rules)
    return state


async def read_feed(kit: Kit, source: FeedSource, state: FeedState) -> FeedOutcome:
    """Read one feed and store what is new; what fails is in its outcome."""
    try:
        return await _read(kit, source, state)
    except HeldError as error:
        return await asyncio.to_thread(_save_rest, kit, source, state, error)
    except FeedError as error:
        is_gone = isinstance(error, GoneError) and not state.moves.settled
        until = await asyncio.to_thread(_save_failure, kit, state, error, is_gone=is_gone)
        return FeedOutcome(
            url=source.url,
            result=FeedResult.GONE if is_gone else FeedResult.FAILED,
            problems=(error.reason,),
            waits_until=until,
        )


async def _read(kit: Kit, source: FeedSource, state: FeedState) -> FeedOutcome:
    address = state.moves.settled or source.url
    fetched = await kit.fetcher.get(address, _validators(kit, state), named_by=source.url)
    moves, told = follow_moves(source.url, state.moves, fetched.moved_to)
    body_hash = hashlib.sha256(fetched.body).hexdigest()
    moved = (told,) if told else ()
    if fetched.is_unchanged or body_hash == state.body_hash:
        await asyncio.to_thread(_save_unchanged, kit, state, fetched, moves)
        result = FeedResult.MOVED if told else FeedResult.UNCHANGED
        return FeedOutcome(url=source.url, result=result, problems=moved)
    parsed = await kit.pool.read_feed(fetched.body, fetched.url, fetched.content_type, kit.now)
    changes = await asyncio.to_thread(
        _save_feed, kit, source, state, parsed, fetched.validators, body_hash
    )
    await asyncio.to_thread(_save_moves, kit, state, moves)
    return FeedOutcome(
        url=source.url,
        result=FeedResult.MOVED if told else FeedResult.READ,
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
    named = distinct(parsed.posts)
    guids, titles = [post.guid for post in named], [post.title for post in named]
    with kit.database.write() as connection:
        found = posts.known_posts(connection, state.id, guids, link_keys(named), titles)
        known = KnownPosts(found)
        updates = decide(parsed, known, is_first_read=not state.is_read, now=kit.now)
        ids = posts.save_posts(connection, state.id, updates, (), now=kit.now)
        filed = (file_post(update.parsed, source).categories for update in updates)
        filing.file_posts(connection, state.id, dict(zip(ids, filed, strict=True)))
        named_feeds = zip(ids, (update.parsed.comment_feed_url for update in updates), strict=True)
        comment_sources.add_sources(
            connection, ((id_, SourceKind.FEED, url) for id_, url in named_feeds if url)
        )
        feeds.save_feed(
            connection, state.id, parsed, validators=validators, body_hash=body_hash, now=kit.now
        )
    return [update.change for update in updates]


def _validators(kit: Kit, state: FeedState) -> Validators:
    """Give what to compare by; none after a week without the whole document.

    A server that wrongly answers that nothing changed would silence its feed for ever.
    """
    is_recent = state.whole_at is not None and kit.now - state.whole_at < WHOLE_EVERY
    return state.validators if is_recent else Validators()


def _save_unchanged(kit: Kit, state: FeedState, fetched: Fetched, moves: Moves) -> None:
    with kit.database.write() as connection:
        feeds.save_unchanged(
            connection,
            state.id,
            validators=fetched.validators,
            now=kit.now,
            is_whole=not fetched.is_unchanged,
        )
        if moves != state.moves:
            feeds.save_moves(connection, state.id, moves)


def _save_moves(kit: Kit, state: FeedState, moves: Moves) -> None:
    if moves != state.moves:
        with kit.database.write() as connection:
            feeds.save_moves(connection, state.id, moves)


def _save_failure(
    kit: Kit, state: FeedState, error: FeedError, *, is_gone: bool
) -> datetime | None:
    """Count a failure; gives when to ask again, where the server says so."""
    until = None if error.wait is None else kit.now + error.wait
    with kit.database.write() as connection:
        if is_gone:
            feeds.save_gone(connection, state.id, error.reason, now=kit.now)
        else:
            feeds.save_failure(connection, state.id, error.reason, now=kit.now, not_before=until)
        # Where it moved to it is not; next time its own address is asked again.
        if state.moves.settled and not error.transient:
            feeds.save_moves(connection, state.id, Moves())
    return until


def _save_rest(kit: Kit, source: FeedSource, state: FeedState, error: HeldError) -> FeedOutcome:
    until = kit.now + (error.wait or timedelta(0))
    with kit.database.write() as connection:
        feeds.save_rest(connection, state.id, not_before=until)
    return FeedOutcome(url=source.url, result=FeedResult.WAITING, waits_until=until)
