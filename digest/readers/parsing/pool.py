"""Parsing in processes that a deadline can kill: a hostile document harms its own feed alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from digest.errors import DigestError, FeedError
from digest.models import Document, ExportedThread, ParsedComments, ParsedFeed, ParsedPage, Picture
from digest.readers.parsing.frames import frame, receive_frame

#: Importing the parsers takes half a second, on a busy machine several.
_START_S = 60
#: A document waits so long for a process that is busy before another one is started.
_PATIENCE_S = 0.3


class ParserPool:
    """Some worker processes, started when first needed, refilled when one is killed."""

    def __init__(self, workers: int = 2, *, deadline_s: float = 10) -> None:
        """Keep the values; no process is started yet.

        Args:
            workers: processes at most.
            deadline_s: for one document; then its worker is killed.
        """
        self._workers = workers
        self._deadline_s = deadline_s

    async def __aenter__(self) -> Self:
        # None stands for a process to be started; the last one that worked comes first.
        self._idle: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()
        self._idle.put_nowait(None)
        self._spare = self._workers - 1
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        while not self._idle.empty():
            worker = self._idle.get_nowait()
            if worker:
                await worker.stop()

    async def read_feed(self, document: Document, now: datetime) -> ParsedFeed:
        """Do what `readers.feeds.feed.read_feed` does, in a worker.

        Raises:
            FeedError: the document is no feed, or took too long.
        """
        parsed: ParsedFeed = await self._run("feed", document.url, document, now)
        return parsed

    async def read_comments(self, document: Document, now: datetime) -> ParsedComments:
        """Do what `readers.responses.comments.read_comments` does, in a worker.

        Raises:
            FeedError: the document is no feed, or took too long.
        """
        parsed: ParsedComments = await self._run("comments", document.url, document, now)
        return parsed

    async def read_rest(self, document: Document, now: datetime) -> ParsedComments:
        """Do what `readers.responses.wordpress.read_rest` does, in a worker.

        Raises:
            FeedError: the document is no list of comments, or took too long.
        """
        parsed: ParsedComments = await self._run("rest", document.url, document, now)
        return parsed

    async def read_page(
        self,
        document: Document,
        now: datetime,
        *,
        wants_article: bool = True,
    ) -> ParsedPage:
        """Do what `readers.pages.page.read_page` does, in a worker.

        Raises:
            FeedError: the page took too long.
        """
        job = "page" if wants_article else "page without article"
        parsed: ParsedPage = await self._run(job, document.url, document, now)
        return parsed

    async def read_export(
        self, body: bytes, name: str, now: datetime
    ) -> tuple[ExportedThread, ...]:
        """Do what `readers.responses.exports.read_export` does, in a worker.

        Raises:
            FeedError: the file is no export, or took too long.
        """
        threads: tuple[ExportedThread, ...] = await self._run("export", name, body, name, now)
        return threads

    async def make_pictures(self, body: bytes, url: str) -> tuple[Picture, ...]:
        """Do what `readers.pages.picture.make_pictures` does, in a worker.

        Raises:
            FeedError: it is no picture that can be shown, or took too long.
        """
        made: tuple[Picture, ...] = await self._run("pictures", url, body, url)
        return made

    async def _run(self, job: str, name: str, *arguments: Any) -> Any:
        """Give the job to an idle worker; one that does not answer properly is not used again.

        An error names the document by `name`.
        """
        worker, kept = await self._next_idle(), None
        try:
            worker = worker or await _Worker.start()
            answer = await asyncio.wait_for(worker.ask((job, arguments)), self._deadline_s)
            kept = worker
        except TimeoutError as error:
            reason = f"reading it took more than {self._deadline_s:g} s; given up"
            raise FeedError(name, reason, transient=False) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            reason = "the process that read it died; given up"
            raise FeedError(name, reason, transient=False) from error
        finally:
            if worker and not kept:
                await worker.kill()
            self._idle.put_nowait(kept)
        return _unpacked(answer, name)

    async def _next_idle(self) -> _Worker | None:
        """Give an idle worker, or None where one is to be started."""
        try:
            async with asyncio.timeout(_PATIENCE_S if self._spare else None):
                return await self._idle.get()
        except TimeoutError:
            if not self._spare:
                return await self._idle.get()
            self._spare -= 1
            return None


class _Worker:
    """One process and its two pipes."""

    def __init__(
        self, process: Process, jobs: asyncio.StreamWriter, answers: asyncio.StreamReader
    ) -> None:
        self._process = process
        self._jobs = jobs
        self._answers = answers

    @classmethod
    async def start(cls) -> _Worker:
        """Start a process and wait until its parsers are loaded."""
        # -P: the folder we happen to be in must not bring modules.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "digest.readers.parsing.worker"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_harmless_environment(),
        )
        if process.stdin is None or process.stdout is None:
            raise DigestError("a process that reads feeds has no pipes")
        worker = cls(process, process.stdin, process.stdout)
        try:
            await asyncio.wait_for(receive_frame(worker._answers), _START_S)
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def ask(self, job: Any) -> Any:
        """Send a job and wait for its answer."""
        self._jobs.write(frame(job))
        await self._jobs.drain()
        return await receive_frame(self._answers)

    async def stop(self) -> None:
        """Close the pipe, at which an idle worker ends."""
        self._jobs.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End the process whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._jobs.close()
        await self._process.wait()


def _harmless_environment() -> dict[str, str]:
    """Give our environment without passwords: who reads hostile bytes must not hold them."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}


def _unpacked(answer: tuple[Any, ...], name: str) -> Any:
    if answer[0] == "failed":
        _, reason, is_transient = answer
        raise FeedError(name, reason, transient=is_transient)
    return answer[1]
