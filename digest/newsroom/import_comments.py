"""Imports comments from a file that another system exported."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.models import (
    Actor,
    ExportedThread,
    ParsedComment,
    ParsedComments,
    SourceKind,
    Validators,
)
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.pipeline.collect.comments import save_list
from digest.readers.parsing.pool import ParserPool
from digest.readers.responses.threads import by_post, match_threads, names_of
from digest.store import comment_sources
from digest.store.engine import Connection
from digest.store.known_posts import posts_named

#: The limit of threads without a post that are named in the report.
NAMED = 10
#: Posts per transaction, so that other processes do not wait long for the database.
_AT_ONCE = 100
#: Time limit for parsing one file.
_DEADLINE_S = 300


class ExportParser(Protocol):
    """Parses an export."""

    async def read_export(
        self, body: bytes, name: str, now: datetime
    ) -> tuple[ExportedThread, ...]:
        """Read an export."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedComments:
    """The result of importing a file."""

    #: Number of threads in the file that have comments.
    threads: int
    #: Number of those threads whose post is stored.
    matched: int
    #: Number of new comments.
    new: int
    #: Number of comments that were stored before, from any source.
    known: int
    #: Links, titles or ids of the threads without a stored post; the first `NAMED`.
    unmatched: tuple[str, ...] = ()


async def import_file(
    context: RunContext, body: bytes, name: str, *, by: Actor
) -> ImportedComments:
    """Store the comments of an export under their posts; safe to repeat.

    Comments from other sources of these posts stay unchanged.

    Args:
        context: the installation's context.
        body: the content of the file.
        name: the name of the file; importing the same name again replaces its earlier comments.
        by: the actor.

    Raises:
        FeedError: the file is not a known export.
        StoreError: the database cannot be used.
    """
    async with ParserPool(workers=1, deadline_s=_DEADLINE_S) as pool:
        return await import_comments(context, pool, body, name, by=by)


async def import_comments(
    context: RunContext, parser: ExportParser, body: bytes, name: str, *, by: Actor
) -> ImportedComments:
    """Do the work of `import_file` with an open parser."""
    read = await parser.read_export(body, name, context.clock())
    threads = tuple(thread for thread in read if thread.comments)
    return await asyncio.to_thread(_store, context, threads, name, by)


def _store(
    context: RunContext, threads: tuple[ExportedThread, ...], name: str, by: Actor
) -> ImportedComments:
    guids, keys = names_of(threads)
    with context.database.read() as connection:
        stored = posts_named(connection, guids, keys)
    ids = match_threads(threads, stored)
    listed = list(by_post(threads, ids).items())
    total = sum(len(comments) for _, comments in listed)
    now, new = context.clock(), 0
    for start in range(0, len(listed), _AT_ONCE):
        with context.database.write() as connection:
            for post_id, comments in listed[start : start + _AT_ONCE]:
                new += _save(connection, post_id, comments, name, now)
            if start + _AT_ONCE >= len(listed):
                detail = f"{new} new, {total - new} known"
                record(context, connection, by, "import comments", detail=detail)
    lost = [thread for thread, id_ in zip(threads, ids, strict=True) if id_ is None]
    return ImportedComments(
        threads=len(threads),
        matched=len(threads) - len(lost),
        new=new,
        known=total - new,
        unmatched=tuple(
            thread.post_url or thread.post_title or thread.post_guid for thread in lost[:NAMED]
        ),
    )


def _save(
    connection: Connection,
    post_id: int,
    comments: tuple[ParsedComment, ...],
    name: str,
    now: datetime,
) -> int:
    source = comment_sources.open_source(connection, post_id, SourceKind.IMPORT, f"import:{name}")
    whole = ParsedComments(comments=comments, is_complete=True)
    return save_list(connection, source, whole, Validators(), now=now).new
