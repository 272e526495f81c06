"""Bringing comments in from a file that another system wrote."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.models import (
    ExportedThread,
    ParsedComment,
    ParsedComments,
    SourceKind,
    Validators,
)
from digest.pipeline.collect.comments import save_list
from digest.readers.responses.threads import by_post, match_threads, names_of
from digest.store import comment_sources
from digest.store.engine import Connection, Database
from digest.store.known_posts import posts_named

#: Of the threads without a post, those that are named.
NAMED = 10
#: Posts of one transaction: others wait no longer than that for the database.
_AT_ONCE = 100


class ExportParser(Protocol):
    """How an export is read."""

    async def read_export(
        self, body: bytes, name: str, now: datetime
    ) -> tuple[ExportedThread, ...]:
        """Read an export."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtComments:
    """What a file brought."""

    #: Threads in the file that have comments.
    threads: int
    #: Of those, threads whose post is stored.
    matched: int
    new: int
    #: Comments that were stored before, whoever gave them.
    known: int
    #: Posts of threads that found none, by link or title; the first `NAMED`.
    unmatched: tuple[str, ...] = ()


async def bring_comments(
    database: Database, parser: ExportParser, body: bytes, name: str, *, now: datetime
) -> BroughtComments:
    """Store the comments of an export under the posts they belong to; twice is once.

    What the posts' other sources gave stays as it is.

    Args:
        database: with this program's schema.
        parser: entered.
        body: the file.
        name: of the file; the same name brought in again replaces what it brought before.
        now: the time.

    Raises:
        FeedError: it is no export.
        StoreError: the database cannot serve.
    """
    read = await parser.read_export(body, name, now)
    threads = tuple(thread for thread in read if thread.comments)
    return await asyncio.to_thread(_store, database, threads, name, now)


def _store(
    database: Database, threads: tuple[ExportedThread, ...], name: str, now: datetime
) -> BroughtComments:
    guids, keys = names_of(threads)
    with database.read() as connection:
        known = posts_named(connection, guids, keys)
    ids = match_threads(threads, known)
    listed = list(by_post(threads, ids).items())
    new = 0
    for start in range(0, len(listed), _AT_ONCE):
        with database.write() as connection:
            for post_id, comments in listed[start : start + _AT_ONCE]:
                new += _save(connection, post_id, comments, name, now)
    lost = [thread for thread, id_ in zip(threads, ids, strict=True) if id_ is None]
    return BroughtComments(
        threads=len(threads),
        matched=len(threads) - len(lost),
        new=new,
        known=sum(len(comments) for _, comments in listed) - new,
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
