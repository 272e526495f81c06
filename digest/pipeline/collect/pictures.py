"""A feed's turn, last part: the pictures of its recent posts, fetched and made smaller once.

Only for newsletters that show pictures from their own place.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from digest.errors import FeedError, HeldError
from digest.models import FeedSource, Picture, Validators
from digest.pipeline.collect.context import Gallery, Kit
from digest.pipeline.collect.outcome import FeedOutcome
from digest.store import pictures
from digest.store.feeds import FeedState

#: Of one feed in one collection; the rest comes with the next ones.
MAX_AT_ONCE = 40


async def fetch_pictures(
    kit: Kit, source: FeedSource, state: FeedState, outcome: FeedOutcome
) -> FeedOutcome:
    """Fetch the pictures that are wanted and not there; what fails is added to the outcome."""
    gallery = kit.gallery
    if gallery is None:
        return outcome
    urls = await asyncio.to_thread(_missing, kit, gallery, state)
    results = await asyncio.gather(*(_fetch(kit, gallery, source, url) for url in urls))
    unwritten = await asyncio.to_thread(_fill_folder, kit, gallery, state)
    return replace(outcome, problems=outcome.problems + tuple(filter(None, (*results, unwritten))))


async def _fetch(kit: Kit, gallery: Gallery, source: FeedSource, url: str) -> str:
    """Give the problem to tell, empty for none: a picture's failures are told once."""
    async with gallery.slots:
        try:
            fetched = await gallery.fetcher.get(url, Validators(), named_by=source.url)
            made = await gallery.pool.make_pictures(fetched.body, url)
        except HeldError:
            return ""
        except FeedError as error:
            is_first = await asyncio.to_thread(_save_failure, kit, error)
            return f"picture {url}: {error.reason}" if is_first else ""
        # Nobody can guess a picture's address from its post's.
        named = {secrets.token_hex(16): picture for picture in made}
        await asyncio.to_thread(_save, kit, url, named)
        return ""


def _missing(kit: Kit, gallery: Gallery, state: FeedState) -> tuple[str, ...]:
    with kit.database.read() as connection:
        return pictures.missing_pictures(
            connection,
            state.id,
            since=kit.comments_since,
            categories=gallery.categories,
            limit=MAX_AT_ONCE,
        )


def _save(kit: Kit, url: str, made: Mapping[str, Picture]) -> None:
    with kit.database.write() as connection:
        pictures.save_pictures(connection, url, made, now=kit.now)


def _save_failure(kit: Kit, error: FeedError) -> bool:
    with kit.database.write() as connection:
        return pictures.save_failure(
            connection, error.url, error.reason, is_final=not error.transient, now=kit.now
        )


# --- a folder that the operator publishes ---------------------------------------------------------


def _fill_folder(kit: Kit, gallery: Gallery, state: FeedState) -> str:
    """Write the files of recent posts that the folder does not hold; gives the problem, if any.

    Also what was stored before there was a folder, or was deleted from it.
    """
    folder = gallery.folder
    if folder is None:
        return ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with kit.database.read() as connection:
            files = pictures.recent_files(
                connection, state.id, since=kit.comments_since, categories=gallery.categories
            )
            for file in files:
                if not (folder / file).exists():
                    stored = pictures.find_file(connection, file)
                    _write(folder, file, stored.content if stored else b"")
    except OSError as error:
        return f"pictures cannot be written to {folder} ({error.strerror}); check images.folder"
    return ""


def _write(folder: Path, file: str, content: bytes) -> None:
    """Write a file that is there whole, or not at all."""
    part = folder / f".{file}.{os.getpid()}"
    part.write_bytes(content)
    part.replace(folder / file)
