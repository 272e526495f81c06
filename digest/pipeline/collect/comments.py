"""A feed's turn, second part: the comments of its recent posts.

Also where the feed is unchanged: it does not tell of new comments.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from digest.errors import FeedError
from digest.models import FeedSource, ParsedComment, Validators
from digest.pipeline.collect.kit import Kit
from digest.pipeline.collect.outcome import FeedOutcome, FeedResult
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
    found = kit.known.sources.get(state.id, ())
    if outcome.result is FeedResult.READ:  # its new posts have sources of their own
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
            if fetched.is_unchanged:
                return await _note_unchanged(kit, source, fetched.validators)
            listed = await kit.pool.read_comments(
                fetched.body, fetched.url, fetched.content_type, kit.now
            )
        except FeedError as error:
            failed = partial(
                comments.save_source_failure,
                source_id=source.id,
                reason=error.reason,
                now=kit.now,
            )
            await kit.later.add(failed)
            return f"comments at {source.url}: {error.reason}"
        return await asyncio.to_thread(_save, kit, source, listed, fetched.validators)


def _sources(kit: Kit, state: FeedState) -> tuple[CommentSource, ...]:
    with kit.database.read() as connection:
        return comments.sources_since(connection, state.id, kit.comments_since)


async def _note_unchanged(kit: Kit, source: CommentSource, validators: Validators) -> int:
    answered = partial(
        comments.save_answer, source_id=source.id, validators=validators, now=kit.now
    )
    await kit.later.add(answered)
    return 0


def _save(
    kit: Kit,
    source: CommentSource,
    listed: tuple[ParsedComment, ...],
    validators: Validators,
) -> int:
    with kit.database.write() as connection:
        comments.save_answer(connection, source.id, validators=validators, now=kit.now)
        known = comments.ids_at(connection, source.id)
        comments.save_comments(
            connection,
            source,
            listed,
            is_complete=is_whole(listed, known, count=source.count),
            now=kit.now,
        )
    return sum(comment.external_id not in known for comment in listed)
