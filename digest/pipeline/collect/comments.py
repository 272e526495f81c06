"""A feed's turn, second part: the comments of its recent posts.

Also where the feed is unchanged: it does not tell of new comments.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from digest.errors import FeedError
from digest.models import FeedSource, ParsedComment, Validators
from digest.pipeline.collect.kit import Kit
from digest.pipeline.collect.outcome import FeedOutcome
from digest.readers.comments import is_whole
from digest.store import comments
from digest.store.comments import CommentSource
from digest.store.feeds import FeedState

#: Comment feeds of one feed at work at once: they all ask the same server.
AT_ONCE = 4


async def refresh_comments(
    kit: Kit, source: FeedSource, state: FeedState, outcome: FeedOutcome
) -> FeedOutcome:
    """Read the comments of a feed's recent posts; what fails is added to the outcome."""
    if not source.has_comments:
        return outcome
    slots = asyncio.Semaphore(AT_ONCE)
    found = await asyncio.to_thread(_sources, kit, state)
    results = await asyncio.gather(*(_read(kit, each, slots) for each in found))
    return replace(
        outcome,
        new_comments=sum(result for result in results if isinstance(result, int)),
        problems=outcome.problems + tuple(each for each in results if isinstance(each, str)),
    )


async def _read(kit: Kit, source: CommentSource, slots: asyncio.Semaphore) -> int | str:
    """Give the number of new comments, or the problem."""
    async with slots:
        try:
            fetched = await kit.fetcher.get(source.url, source.validators, named_by=source.feed_url)
            listed = None
            if not fetched.is_unchanged:
                parsed = await kit.pool.read_comments(
                    fetched.body, fetched.url, fetched.content_type, kit.now
                )
                listed = parsed.comments
        except FeedError as error:
            await asyncio.to_thread(_save_failure, kit, source, error.reason)
            return f"comments at {source.url}: {error.reason}"
        return await asyncio.to_thread(_save, kit, source, listed, fetched.validators)


def _sources(kit: Kit, state: FeedState) -> tuple[CommentSource, ...]:
    with kit.database.read() as connection:
        return comments.sources_since(connection, state.id, kit.comments_since)


def _save(
    kit: Kit,
    source: CommentSource,
    listed: tuple[ParsedComment, ...] | None,
    validators: Validators,
) -> int:
    """Store an answer; `listed` is None where it said that nothing changed."""
    with kit.database.write() as connection:
        comments.save_answer(connection, source.id, validators=validators, now=kit.now)
        if listed is None:
            return 0
        known = comments.ids_at(connection, source.id)
        comments.save_comments(
            connection,
            source,
            listed,
            is_complete=is_whole(listed, known, count=source.count),
            now=kit.now,
        )
    return sum(comment.external_id not in known for comment in listed)


def _save_failure(kit: Kit, source: CommentSource, reason: str) -> None:
    with kit.database.write() as connection:
        comments.save_source_failure(connection, source.id, reason, now=kit.now)
