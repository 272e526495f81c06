"""Asks the sites, before a freeze, whether the comments that an edition quotes are still there."""

from __future__ import annotations

import asyncio

from digest.models import StoredEdition
from digest.newsroom.context import RunContext
from digest.newsroom.snapshots import read_snapshot
from digest.pipeline.removed import REMOVED
from digest.store import editions


async def ask_again(context: RunContext, edition_id: int) -> None:
    """Read the comments of the posts that a draft quotes again; at most a minute.

    What a site has removed is taken out at the freeze. What does not answer stays.

    Raises:
        CorruptStoreError: the stored text of the edition is damaged.
        StoreError: the database cannot be used.
    """
    post_ids = await asyncio.to_thread(_quoted, context, edition_id)
    if post_ids:
        await context.read_comments(post_ids, context.clock())


def removed_from(stored: StoredEdition) -> tuple[str, ...]:
    """Return the comments that were taken out at the freeze, one line each."""
    edition = read_snapshot(stored)
    return tuple(
        f"Left out: a comment by {each.name or 'a reader'} on “{story.title}”; {each.reason.text}."
        for story in edition.stories
        for each in story.not_quoted
        if each.reason == REMOVED
    )


def _quoted(context: RunContext, edition_id: int) -> tuple[int, ...]:
    with context.database.read() as connection:
        stored = editions.get_edition(connection, edition_id)
    if stored is None or stored.state not in editions.OPEN:
        return ()
    return tuple(each.post_id for each in read_snapshot(stored).stories if each.quotes)
