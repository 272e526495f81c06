"""Collecting: every feed asked, read and stored, then the comments of its recent posts.

Each feed goes its way alone; what fails is named in its outcome and stops no other.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from digest.errors import FeedError
from digest.models import (
    Change,
    FeedSource,
    Fetched,
    ParsedComment,
    ParsedFeed,
    Validators,
)
from digest.readers.comments import is_whole
from digest.readers.identity import KnownPosts, distinct, link_keys
from digest.readers.intake import decide, problems_of
from digest.store import comments, feeds, posts
from digest.store.comments import CommentSource
from digest.store.engine import Database
from digest.store.feeds import FeedState

#: Feeds at work at once; each holds a few documents in memory at most.
AT_ONCE = 10
#: Comment feeds of one feed at work at once: they all ask the same server.
COMMENT_FEEDS_AT_ONCE = 4
#: How long the comments of a post are refreshed: as long as a reader's window may be.
COMMENTS_FOR = timedelta(weeks=5)


class Getter(Protocol):
    """How documents are had."""

    async def get(self, url: str, validators: Validators, *, named_by: str = "") -> Fetched:
        """Fetch `url`, which the feed `named_by` names, or learn that it is unchanged."""
        ...


class Parser(Protocol):
    """How documents are read."""

    async def read_feed(
        self, body: bytes, url: str, content_type: str, now: datetime
    ) -> ParsedFeed:
        """Read a feed."""
        ...

    async def read_comments(
        self, body: bytes, url: str, content_type: str, now: datetime
    ) -> tuple[ParsedComment, ...]:
        """Read a comment feed."""
        ...


class FeedResult(StrEnum):
    """How one feed's turn ended."""

    READ = "read"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedOutcome:
    """What one feed's turn brought."""

    url: str
    result: FeedResult
    new: int = 0
    changed: int = 0
    #: Not seen before.
    new_comments: int = 0
    #: One line each: why it failed, what was skipped or mended.
    problems: tuple[str, ...] = ()
    duration_s: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectReport:
    """Every feed's outcome, in the order of the configuration."""

    feeds: tuple[FeedOutcome, ...]

    @property
    def new(self) -> int:
        """New posts."""
        return sum(feed.new for feed in self.feeds)

    @property
    def changed(self) -> int:
        """Changed posts."""
        return sum(feed.changed for feed in self.feeds)

    @property
    def new_comments(self) -> int:
        """Comments not seen before."""
        return sum(feed.new_comments for feed in self.feeds)

    @property
    def failed(self) -> tuple[FeedOutcome, ...]:
        """Feeds that could not be had or read."""
        return tuple(feed for feed in self.feeds if feed.result is FeedResult.FAILED)


async def collect(
    database: Database,
    fetcher: Getter,
    pool: Parser,
    sources: tuple[FeedSource, ...],
    *,
    now: datetime,
    on_progress: Callable[[FeedOutcome], None] = lambda _: None,
    comments_since: datetime | None = None,
    at_once: int = AT_ONCE,
) -> CollectReport:
    """Read every feed and store what is new.

    Args:
        database: with this program's schema.
        fetcher: entered.
        pool: entered.
        sources: the configured feeds.
        now: the time of this collection; dates after it are not believed.
        on_progress: called after each feed.
        comments_since: comments of posts first seen earlier are not refreshed; `COMMENTS_FOR`
            before `now` where None.
        at_once: feeds at work at once.

    Raises:
        StoreError: the database cannot serve.
    """
    since = comments_since or now - COMMENTS_FOR
    collector = _Collector(database, fetcher, pool, now, since)
    slots = asyncio.Semaphore(at_once)

    async def take_turn(source: FeedSource) -> FeedOutcome:
        async with slots:
            outcome = await collector.take_turn(source)
        on_progress(outcome)
        return outcome

    try:
        async with asyncio.TaskGroup() as group:
            turns = [group.create_task(take_turn(source)) for source in sources]
    except BaseExceptionGroup as failures:
        # What no feed is to blame for, such as a database that is gone, is the caller's matter.
        raise failures.exceptions[0] from failures
    return CollectReport(feeds=tuple(turn.result() for turn in turns))


class _Collector:
    """What the turns of all feeds share."""

    def __init__(
        self, database: Database, fetcher: Getter, pool: Parser, now: datetime, since: datetime
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._pool = pool
        self._now = now
        self._since = since

    async def take_turn(self, source: FeedSource) -> FeedOutcome:
        """Read one feed and the comments of its recent posts; never fails for the feed's sake."""
        clock = asyncio.get_running_loop()
        started = clock.time()
        state = await asyncio.to_thread(self._open, source)
        try:
            outcome = await self._read_feed(source, state)
        except FeedError as error:
            await asyncio.to_thread(self._save_failure, state, error.reason)
            problems = (error.reason,)
            outcome = FeedOutcome(url=source.url, result=FeedResult.FAILED, problems=problems)
        else:
            outcome = await self._with_comments(source, state, outcome)
        return replace(outcome, duration_s=clock.time() - started)

    # --- posts ----------------------------------------------------------------------------------

    async def _read_feed(self, source: FeedSource, state: FeedState) -> FeedOutcome:
        fetched = await self._fetcher.get(source.url, state.validators)
        moved = (f"has moved to {fetched.moved_to}; change its url",) if fetched.moved_to else ()
        body_hash = hashlib.sha256(fetched.body).hexdigest()
        if fetched.is_unchanged or body_hash == state.body_hash:
            await asyncio.to_thread(self._save_unchanged, state, fetched)
            return FeedOutcome(url=source.url, result=FeedResult.UNCHANGED, problems=moved)
        parsed = await self._pool.read_feed(
            fetched.body, fetched.url, fetched.content_type, self._now
        )
        changes = await asyncio.to_thread(
            self._save_feed, source, state, parsed, fetched.validators, body_hash
        )
        return FeedOutcome(
            url=source.url,
            result=FeedResult.READ,
            new=changes.count(Change.NEW),
            changed=changes.count(Change.CHANGED),
            problems=moved + problems_of(parsed),
        )

    def _open(self, source: FeedSource) -> FeedState:
        with self._database.write() as connection:
            return feeds.open_feed(connection, source.url, now=self._now)

    def _save_feed(
        self,
        source: FeedSource,
        state: FeedState,
        parsed: ParsedFeed,
        validators: Validators,
        body_hash: str,
    ) -> list[Change]:
        """Decide and store inside one write, so that two feeds never both bring one post."""
        guids = [post.guid for post in parsed.posts]
        keys = link_keys(distinct(parsed.posts))
        with self._database.write() as connection:
            known = KnownPosts(posts.known_posts(connection, state.id, guids, keys))
            updates = decide(parsed, known, is_first_read=not state.is_read, now=self._now)
            ids = posts.save_posts(connection, state.id, updates, source.categories, now=self._now)
            found = zip(ids, (update.parsed.comment_feed_url for update in updates), strict=True)
            comments.add_sources(connection, ((id_, url) for id_, url in found if url))
            feeds.save_feed(
                connection,
                state.id,
                parsed,
                validators=validators,
                body_hash=body_hash,
                now=self._now,
            )
        return [update.change for update in updates]

    def _save_unchanged(self, state: FeedState, fetched: Fetched) -> None:
        with self._database.write() as connection:
            feeds.save_unchanged(connection, state.id, validators=fetched.validators, now=self._now)

    def _save_failure(self, state: FeedState, reason: str) -> None:
        with self._database.write() as connection:
            feeds.save_failure(connection, state.id, reason, now=self._now)

    # --- comments -------------------------------------------------------------------------------

    async def _with_comments(
        self, source: FeedSource, state: FeedState, outcome: FeedOutcome
    ) -> FeedOutcome:
        """Refresh comments also where the feed is unchanged: it does not tell of new ones."""
        if not source.has_comments:
            return outcome
        slots = asyncio.Semaphore(COMMENT_FEEDS_AT_ONCE)
        found = await asyncio.to_thread(self._comment_sources, state)
        results = await asyncio.gather(*(self._read_comments(each, slots) for each in found))
        return replace(
            outcome,
            new_comments=sum(result for result in results if isinstance(result, int)),
            problems=outcome.problems + tuple(each for each in results if isinstance(each, str)),
        )

    async def _read_comments(self, source: CommentSource, slots: asyncio.Semaphore) -> int | str:
        """Give the number of new comments, or the problem."""
        async with slots:
            try:
                fetched = await self._fetcher.get(
                    source.url, source.validators, named_by=source.feed_url
                )
                listed = None
                if not fetched.is_unchanged:
                    listed = await self._pool.read_comments(
                        fetched.body, fetched.url, fetched.content_type, self._now
                    )
            except FeedError as error:
                await asyncio.to_thread(self._save_source_failure, source, error.reason)
                return f"comments at {source.url}: {error.reason}"
            return await asyncio.to_thread(self._save_comments, source, listed, fetched.validators)

    def _comment_sources(self, state: FeedState) -> tuple[CommentSource, ...]:
        with self._database.read() as connection:
            return comments.sources_since(connection, state.id, self._since)

    def _save_comments(
        self,
        source: CommentSource,
        listed: tuple[ParsedComment, ...] | None,
        validators: Validators,
    ) -> int:
        """Store an answer; `listed` is None where it said that nothing changed."""
        with self._database.write() as connection:
            comments.save_answer(connection, source.id, validators=validators, now=self._now)
            if listed is None:
                return 0
            known = comments.ids_at(connection, source.id)
            comments.save_comments(
                connection,
                source,
                listed,
                is_complete=is_whole(listed, known, count=source.count),
                now=self._now,
            )
        return sum(comment.external_id not in known for comment in listed)

    def _save_source_failure(self, source: CommentSource, reason: str) -> None:
        with self._database.write() as connection:
            comments.save_source_failure(connection, source.id, reason, now=self._now)
