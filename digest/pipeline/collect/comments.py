"""A feed's turn, last part: the comments of its recent posts.

Also where the feed is unchanged: it does not tell of new comments. The sources of a post are asked
in the order of their trust until one gives the whole list.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from digest.errors import FeedError, HeldError
from digest.models import (
    CommentSource,
    FeedOutcome,
    FeedSource,
    ParsedComments,
    SourceKind,
    Validators,
)
from digest.pipeline.collect.context import CollectContext
from digest.pipeline.collect.lists import read_list
from digest.readers.responses.ladder import in_order, is_due
from digest.readers.responses.merge import changes_of, is_believed_whole
from digest.store import comment_sources, comments
from digest.store.engine import Connection
from digest.store.feeds import FeedState

#: Posts of one feed at work at once: they all ask the same server.
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What asking for the comments of a post, or one source of them, brought."""

    new: int = 0
    #: Whether all comments are known now.
    is_complete: bool = False
    #: Whether it gave comments, or said that there are none.
    has_given: bool = False
    #: One line, where there was no answer, and that is news.
    problem: str = ""


async def refresh_comments(
    context: CollectContext,
    source: FeedSource,
    state: FeedState,
    outcome: FeedOutcome,
    *,
    just_read: Collection[int] = (),
    is_as_known: bool = False,
) -> FeedOutcome:
    """Read the comments of a feed's recent posts; what fails is added to the outcome.

    Args:
        context: what to work with.
        source: the feed.
        state: as stored.
        outcome: what its turn brought before.
        just_read: ids of posts whose own pages gave their comments already.
        is_as_known: whether the turn brought no sources beside those known at the start.
    """
    if not source.has_comments:
        return outcome
    found = context.known.sources.get(state.id, ())
    if not is_as_known:
        found = await asyncio.to_thread(_sources, context, state)
    by_post: dict[int, list[CommentSource]] = defaultdict(list)
    for each in found:
        by_post[each.post_id].append(each)
    slots = asyncio.Semaphore(AT_ONCE)
    waiting = (each for post_id, each in by_post.items() if post_id not in just_read)
    results = await asyncio.gather(*(_refresh_post(context, each, slots) for each in waiting))
    return replace(
        outcome,
        new_comments=outcome.new_comments + sum(result.new for result in results),
        problems=outcome.problems + tuple(each.problem for each in results if each.problem),
    )


async def _refresh_post(
    context: CollectContext, sources: list[CommentSource], slots: asyncio.Semaphore
) -> Refreshed:
    """Ask one source after the other; it is a problem only where none of them gives anything."""
    async with slots:
        answers: list[Refreshed] = []
        for source in in_order(sources):
            if is_due(source, context.now):
                answers.append(await _ask(context, source))
                if answers[-1].is_complete:
                    break
    has_given = any(answer.has_given for answer in answers)
    told = [answer.problem for answer in answers if answer.problem]
    return Refreshed(
        new=sum(answer.new for answer in answers),
        problem=told[-1] if told and not has_given else "",
    )


async def _ask(context: CollectContext, source: CommentSource) -> Refreshed:
    try:
        read = await read_list(context, source)
    except HeldError:
        # Its server wants to be left alone, which its feed's outcome tells.
        return Refreshed()
    except FeedError as error:
        failed = partial(
            comment_sources.save_source_failure,
            source_id=source.id,
            reason=error.reason,
            now=context.now,
        )
        await context.later.add(failed)
        # What is closed for good is told once; the REST interface often is, and nobody named it.
        is_closed = not error.transient and (source.failures or source.kind is SourceKind.REST)
        return Refreshed(problem="" if is_closed else f"comments at {source.url}: {error.reason}")
    if read.listed is None:
        answered = partial(
            comment_sources.save_answer,
            source_id=source.id,
            validators=read.validators,
            now=context.now,
        )
        await context.later.add(answered)
        has_given = source.is_complete or source.has_comments
        return Refreshed(is_complete=source.is_complete, has_given=has_given)
    return await asyncio.to_thread(_save, context, source, read.listed, read.validators)


def save_list(
    connection: Connection,
    source: CommentSource,
    listed: ParsedComments,
    validators: Validators,
    *,
    now: datetime,
) -> Refreshed:
    """Store what one source lists, and delete what is gone.

    Where a better source held it back, it is to be heard again: no validators are kept then.
    """
    known = comments.known_at(connection, source.post_id)
    is_complete = is_believed_whole(source, listed, known)
    changes = changes_of(source, listed.comments, known, is_complete=is_complete)
    comments.save_changes(connection, source, changes, now=now)
    is_heard = len(changes.own) == len(listed.comments)
    comment_sources.save_answer(
        connection,
        source.id,
        validators=validators if is_heard else Validators(),
        now=now,
        is_complete=is_complete,
    )
    has_given = is_complete or bool(listed.comments)
    return Refreshed(new=changes.new, is_complete=is_complete, has_given=has_given)


def _sources(context: CollectContext, state: FeedState) -> tuple[CommentSource, ...]:
    with context.database.read() as connection:
        return comment_sources.sources_since(connection, state.id, context.comments_since)


def _save(
    context: CollectContext, source: CommentSource, listed: ParsedComments, validators: Validators
) -> Refreshed:
    with context.database.write() as connection:
        return save_list(connection, source, listed, validators, now=context.now)
