"""A folder that takes messages as `.eml` files, instead of a relay."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from digest.errors import RelayError
from digest.models import Message
from digest.sender.attempt import Attempt, Fate
from digest.sender.work import Job, Work
from digest.store.private import make_private_folder, write_durably

_UNSAFE_IN_NAMES = re.compile(r"[^A-Za-z0-9._@+-]")


class Outbox:
    """Writes each message to a file named after its Message-ID; a repeat replaces it."""

    def __init__(self, folder: Path) -> None:
        """Set the folder; the first mail creates it."""
        self._folder = folder

    async def send(self, work: Work) -> None:
        """Write mails until there is none any more.

        Raises:
            RelayError: the folder cannot be created or written, or the disk is full.
        """
        try:
            make_private_folder(self._folder)
        except OSError as error:
            raise self._failure(error) from error
        while (job := await work.next()) is not None:
            await self._write(job, work)

    async def _write(self, job: Job, work: Work) -> None:
        """Write one message; the file appears complete or not at all."""
        draft, path = self._paths(job.message)
        try:
            await asyncio.to_thread(write_durably, draft, job.message.content)
            if not await work.hand(job):
                draft.unlink()
                await work.end(job, Attempt(fate=Fate.SKIPPED))
                return
            draft.rename(path)
        except OSError as error:
            work.put_back(job)
            raise self._failure(error) from error
        await work.end(job, Attempt(fate=Fate.SENT))

    async def close(self) -> None:
        """Do nothing; no file stays open."""

    def _paths(self, message: Message) -> tuple[Path, Path]:
        name = _UNSAFE_IN_NAMES.sub("_", message.message_id.strip("<>"))
        return self._folder / f".{name}.part", self._folder / f"{name}.eml"

    def _failure(self, error: OSError) -> RelayError:
        return RelayError(f"outbox {self._folder}: {error.strerror}")
