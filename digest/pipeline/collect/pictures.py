"""A feed's turn, last part: the pictures of its recent posts, fetched and made smaller once.

Only for newsletters that show pictures from their own server.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from digest.errors import FeedError, HeldError
from digest.models import FeedOutcome, FeedSource, Picture, Validators
from digest.pipeline.collect.context import CollectContext, ImageSettings
from digest.store import pictures
from digest.store.feeds import FeedState

#: The limit of pictures of one feed in one collection; later collections fetch the rest.
MAX_AT_ONCE = 40


async def fetch_pictures(
    context: CollectContext, source: FeedSource, state: FeedState, outcome: FeedOutcome
) -> FeedOutcome:
    """Fetch the wanted pictures that are not stored; failures are added to the outcome."""
    image_settings = context.image_settings
    if image_settings is None:
        return outcome
    urls = await asyncio.to_thread(_missing, context, image_settings, state)
    results = await asyncio.gather(*(_fetch(context, image_settings, source, url) for url in urls))
    unwritten = await asyncio.to_thread(_fill_folder, context, image_settings, state)
    return replace(outcome, problems=outcome.problems + tuple(filter(None, (*results, unwritten))))


async def _fetch(
    context: CollectContext, image_settings: ImageSettings, source: FeedSource, url: str
) -> str:
    """Fetch and store a picture; return its problem, empty for none or if it was reported."""
    async with image_settings.slots:
        try:
            fetched = await image_settings.fetcher.get(url, Validators(), named_by=source.url)
            made = await image_settings.pool.make_pictures(fetched.body, url)
        except HeldError:
            return ""
        except FeedError as error:
            is_first = await asyncio.to_thread(_save_failure, context, error)
            return f"picture {url}: {error.reason}" if is_first else ""
        # Random names, so that a picture's address cannot be guessed from its post's.
        named = {secrets.token_hex(16): picture for picture in made}
        await asyncio.to_thread(_save, context, url, named)
        return ""


def _missing(
    context: CollectContext, image_settings: ImageSettings, state: FeedState
) -> tuple[str, ...]:
    with context.database.read() as connection:
        return pictures.missing_pictures(
            connection,
            state.id,
            since=context.comments_since,
            categories=image_settings.categories,
            limit=MAX_AT_ONCE,
        )


def _save(context: CollectContext, url: str, made: Mapping[str, Picture]) -> None:
    with context.database.write() as connection:
        pictures.save_pictures(connection, url, made, now=context.now)


def _save_failure(context: CollectContext, error: FeedError) -> bool:
    with context.database.write() as connection:
        return pictures.save_failure(
            connection, error.url, error.reason, is_final=not error.transient, now=context.now
        )


# --- the folder that the operator publishes -------------------------------------------------------


def _fill_folder(context: CollectContext, image_settings: ImageSettings, state: FeedState) -> str:
    """Write the missing picture files of recent posts; return the problem, empty for none.

    Pictures that were stored before the folder was configured, or deleted from it, are written too.
    """
    folder = image_settings.folder
    if folder is None:
        return ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with context.database.read() as connection:
            files = pictures.recent_files(
                connection,
                state.id,
                since=context.comments_since,
                categories=image_settings.categories,
            )
            for file in files:
                if not (folder / file).exists():
                    stored = pictures.find_file(connection, file)
                    _write(folder, file, stored.content if stored else b"")
    except OSError as error:
        return f"pictures cannot be written to {folder} ({error.strerror}); check images.folder"
    return ""


def _write(folder: Path, file: str, content: bytes) -> None:
    """Write a file atomically: readers see the whole file or none."""
    part = folder / f".{file}.{os.getpid()}"
    part.write_bytes(content)
    part.replace(folder / file)
