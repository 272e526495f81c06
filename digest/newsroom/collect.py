"""Collects every configured feed once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from digest.models import Actor, CollectReport, FeedOutcome
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.text.counted import counted


async def collect(
    context: RunContext,
    *,
    by: Actor,
    is_forced: bool = False,
    progress: Callable[[FeedOutcome], None] = lambda _: None,
) -> CollectReport:
    """Fetch every configured feed and the comments of its recent posts, and store what is new.

    Args:
        context: the installation's context.
        by: the actor.
        is_forced: whether feeds that are gone, or whose server asked for a pause, are fetched too.
        progress: a function that is called after each feed.

    Raises:
        StoreError: the database cannot be used.
    """

    def fetched(outcome: FeedOutcome) -> None:
        context.observer.fetched(outcome)
        progress(outcome)

    started = time.monotonic()
    report = await context.read_feeds(
        context.sources, context.clock(), on_progress=fetched, is_forced=is_forced
    )
    context.observer.took("collect", time.monotonic() - started)
    context.observer.collected(report)
    await asyncio.to_thread(record_collection, context, report, by=by)
    return report


def record_collection(context: RunContext, report: CollectReport, *, by: Actor) -> None:
    """Store the audit row of a collection."""
    detail = (
        f"{counted(report.new, 'new post')}, {report.changed} changed,"
        f" {counted(report.new_comments, 'comment')}"
    )
    with context.database.write() as connection:
        record(context, connection, by, "collect", detail=detail)
