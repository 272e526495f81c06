"""A feed's turn, third part: the comments of its recent posts.

They are also read if the feed is unchanged, because a feed does not show whether there are new
comments. The sources of a post are read in the order of trust until one gives the whole list.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from digest.errors import FeedError, HeldError
from digest.models import (
    CommentSource,
    FeedOutcome,
    FeedSource,
    Fetched,
    ParsedComments,
    SourceKind,
    Validators,
)
from digest.pipeline.collect.context import CollectContext
from digest.readers.responses.ladder import MAX_PAGES, in_order, is_due
from digest.readers.responses.merge import changes_of, is_believed_whole, joined
from digest.readers.responses.systems.detect import body_of
from digest.readers.web.paging import is_same_server
from digest.store import comment_sources, comments
from digest.store.engine import Connection
from digest.store.feeds import FeedState

#: Posts of one feed whose comments are read at once: they are mostly on the same server.
AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """The result of reading the comments of a post, or of one of its sources."""

    #: Number of new comments.
    new: int = 0
    #: Whether all comments of the post are known now.
    is_complete: bool = False
    #: Whether the source gave comments, or a complete list without any.
    has_given: bool = False
    #: One line; empty if the source answered, or if its failure was reported before.
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
    """Read the comments of a feed's recent posts; failures are added to the outcome.

    Args:
        context: the collection's context.
        source: the feed.
        state: the feed's stored state.
        outcome: the outcome of the turn up to here.
        just_read: ids of posts whose comments were just read from their own pages.
        is_as_known: True if the turn found no source that was not known at the start.
    """
    if not source.has_comments:
        return outcome
    found = context.known.sources.get(state.id, ())
    if not is_as_known:
        found = await asyncio.to_thread(_sources, context, state)
    by_post: dict[int, list[CommentSource]] = defaultdict(list)
    for each in found:
        by_post[each.post_id].append(each)
    waiting = [each for post_id, each in by_post.items() if post_id not in just_read]
    results = await refresh_posts(context, waiting)
    return replace(
        outcome,
        new_comments=outcome.new_comments + sum(result.new for result in results),
        problems=outcome.problems + tuple(each.problem for each in results if each.problem),
    )


async def refresh_posts(
    context: CollectContext, by_post: Iterable[list[CommentSource]]
) -> list[Refreshed]:
    """Read the comments of posts from their sources, a few posts at once."""
    slots = asyncio.Semaphore(AT_ONCE)
    return await asyncio.gather(*(_refresh_post(context, each, slots) for each in by_post))


async def _refresh_post(
    context: CollectContext, sources: list[CommentSource], slots: asyncio.Semaphore
) -> Refreshed:
    """Read one source after the other; a failure is a problem only if no source gives anything."""
    async with slots:
        answers: list[Refreshed] = []
        for source in in_order(sources):
            if is_due(source, context.now):
                answers.append(await _ask(context, source))
                if answers[-1].is_complete:
                    break
    has_given = any(answer.has_given for answer in answers)
    problems = [answer.problem for answer in answers if answer.problem]
    return Refreshed(
        new=sum(answer.new for answer in answers),
        problem=problems[-1] if problems and not has_given else "",
    )


async def _ask(context: CollectContext, source: CommentSource) -> Refreshed:
    try:
        read = await read_list(context, source)
    except HeldError:
        # The server asked for a pause; the feed's outcome reports it.
        return Refreshed()
    except FeedError as error:
        failed = partial(
            comment_sources.save_source_failure,
            source_id=source.id,
            reason=error.reason,
            now=context.now,
        )
        await context.later.add(failed)
        # A permanent failure is reported once. That of a REST interface is never reported: it is
        # often closed, and its address was only guessed.
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
    """Store the comments that one source lists, and delete those it no longer lists.

    If comments of it were ignored in favour of a better source, no validators are stored, so that
    the whole list is read again next time.
    """
    known = comments.known_at(connection, source.post_id)
    is_complete = is_believed_whole(source, listed, known)
    changes = changes_of(source, listed.comments, known, is_complete=is_complete)
    comments.save_changes(connection, source, changes, now=now)
    is_all_used = len(changes.own) == len(listed.comments)
    comment_sources.save_answer(
        connection,
        source.id,
        validators=validators if is_all_used else Validators(),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    """The answer of a source."""

    #: None if the source is unchanged.
    listed: ParsedComments | None
    #: Empty if there were several documents, because the first one's do not cover the others.
    validators: Validators


async def read_list(context: CollectContext, source: CommentSource) -> ReadList:
    """Read all documents of a source, up to a limit.

    If a later document fails, the list has the comments of the documents before it and is not
    complete.

    Raises:
        FeedError: the first document cannot be fetched or read.
    """
    fetched = await context.fetcher.get(
        source.url, source.validators, named_by=source.feed_url, json=body_of(source.url)
    )
    if fetched.is_unchanged:
        return ReadList(listed=None, validators=fetched.validators)
    first = await _read(context, source.kind, fetched)
    documents = [first, *await _read_rest(context, source, fetched.url, first.next_url)]
    return ReadList(
        listed=joined(documents, kind=source.kind, url=source.url),
        validators=Validators() if first.next_url else fetched.validators,
    )


async def _read_rest(
    context: CollectContext, source: CommentSource, first_url: str, next_url: str
) -> list[ParsedComments]:
    documents: list[ParsedComments] = []
    seen = {source.url, first_url}
    while next_url and len(documents) < MAX_PAGES[source.kind] - 1:
        if next_url in seen or not is_same_server(next_url, first_url):
            break
        seen.add(next_url)
        try:
            fetched = await context.fetcher.get(next_url, Validators(), named_by=source.feed_url)
            documents.append(await _read(context, source.kind, fetched))
        except FeedError:
            break
        next_url = documents[-1].next_url
    return documents


async def _read(context: CollectContext, kind: SourceKind, fetched: Fetched) -> ParsedComments:
    document, now = fetched.document, context.now
    if kind is SourceKind.REST:
        listed = await context.pool.read_rest(document, now)
        return replace(listed, next_url=listed.next_url or fetched.next_url)
    if kind is SourceKind.SYSTEM:
        return await context.pool.read_system(document, now)
    if kind is SourceKind.PAGE:
        return (await context.pool.read_page(document, now)).comments
    return await context.pool.read_comments(document, now)
