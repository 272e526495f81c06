"""Runs the parsers in worker processes with a deadline: a hostile document harms only its feed."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from datetime import datetime
from functools import cache
from types import TracebackType
from typing import Any, Self

from digest.errors import DigestError, FeedError
from digest.models import (
    Confinement,
    Document,
    ExportedThread,
    ParsedComments,
    ParsedFeed,
    ParsedPage,
    Picture,
)
from digest.readers.parsing.frames import UNCONFINED, frame, receive_frame

_log = logging.getLogger(__name__)

#: Limit for the start of a worker; importing the parsers takes 0.5 s, several on a busy machine.
_START_S = 60
#: Where the system finds the libraries of an interpreter that was not installed by it.
_FOR_PYTHON = frozenset({"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT"})
#: A document waits this long for a busy process before another one is started.
_PATIENCE_S = 0.3


class ParserPool:
    """A pool of worker processes, started on demand and replaced when one is killed."""

    def __init__(self, workers: int = 2, *, deadline_s: float = 10) -> None:
        """Keep the values; no process is started yet.

        Args:
            workers: the maximum number of processes.
            deadline_s: the time for one document; after it the worker is killed.
        """
        self._workers = workers
        self._deadline_s = deadline_s
        #: Why a job was given up, by the hash of its kind and document.
        self._given_up: dict[bytes, str] = {}

    async def __aenter__(self) -> Self:
        # None is a process that is not started yet; the one used last is taken first.
        self._idle: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()
        self._idle.put_nowait(None)
        self._spare = self._workers - 1
        self._is_confined = True
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
        """Run `readers.feeds.feed.read_feed` in a worker.

        Raises:
            FeedError: the document is not a feed, or took too long.
        """
        parsed: ParsedFeed = await self._run("feed", document.url, document, now)
        return parsed

    async def read_comments(self, document: Document, now: datetime) -> ParsedComments:
        """Run `readers.responses.comments.read_comments` in a worker.

        Raises:
            FeedError: the document is not a feed, or took too long.
        """
        parsed: ParsedComments = await self._run("comments", document.url, document, now)
        return parsed

    async def read_rest(self, document: Document, now: datetime) -> ParsedComments:
        """Run `readers.responses.wordpress.read_rest` in a worker.

        Raises:
            FeedError: the document is not a list of comments, or took too long.
        """
        parsed: ParsedComments = await self._run("rest", document.url, document, now)
        return parsed

    async def read_system(self, document: Document, now: datetime) -> ParsedComments:
        """Run `readers.responses.systems.answers.read_system` in a worker.

        Raises:
            FeedError: the document is not an answer of a comment system, or took too long.
        """
        parsed: ParsedComments = await self._run("system", document.url, document, now)
        return parsed

    async def read_page(
        self,
        document: Document,
        now: datetime,
        *,
        wants_article: bool = True,
    ) -> ParsedPage:
        """Run `readers.pages.page.read_page` in a worker.

        Raises:
            FeedError: the page took too long.
        """
        job = "page" if wants_article else "page without article"
        parsed: ParsedPage = await self._run(job, document.url, document, now)
        return parsed

    async def read_export(
        self, body: bytes, name: str, now: datetime
    ) -> tuple[ExportedThread, ...]:
        """Run `readers.responses.exports.read_export` in a worker.

        Raises:
            FeedError: the file is not an export, or took too long.
        """
        threads: tuple[ExportedThread, ...] = await self._run("export", name, body, name, now)
        return threads

    async def make_pictures(self, body: bytes, url: str) -> tuple[Picture, ...]:
        """Run `readers.pages.picture.make_pictures` in a worker.

        Raises:
            FeedError: the bytes are not a usable picture, or took too long.
        """
        made: tuple[Picture, ...] = await self._run("pictures", url, body, url)
        return made

    async def read_confinement(self) -> Confinement:
        """Return what the parser processes are kept from, as one of them tried it out.

        Raises:
            DigestError: no process can be started.
        """
        worker = await self._next_idle()
        try:
            worker = worker or await self._start()
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            raise DigestError("parser process: cannot be started") from error
        finally:
            self._idle.put_nowait(worker)
        return worker.confinement

    async def _start(self) -> _Worker:
        """Start a worker; without its sandbox if the parsers do not work in it on this system."""
        worker = None
        if self._is_confined:
            try:
                worker = await _Worker.start()
            except (asyncio.IncompleteReadError, ConnectionError):
                self._is_confined = False
        worker = worker or await _Worker.start(UNCONFINED)
        _log_once(worker.confinement)
        return worker

    async def _run(self, job: str, name: str, *arguments: Any) -> Any:
        """Run the job in an idle worker and return its answer.

        A worker that does not answer correctly is not used again, and the same document is not
        parsed again. Errors contain `name`.
        """
        key = _key_of(job, arguments[0])
        if reason := self._given_up.get(key):
            raise FeedError(name, reason, transient=False)
        worker, kept = await self._next_idle(), None
        try:
            worker = worker or await self._start()
            answer = await asyncio.wait_for(worker.ask((job, arguments)), self._deadline_s)
            kept = worker
        except TimeoutError as error:
            reason = f"reading took more than {self._deadline_s:g} s; skipped"
            self._given_up[key] = reason
            raise FeedError(name, reason, transient=False) from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            reason = "the parser process crashed; skipped"
            if worker and await worker.was_ended_by_document():
                self._given_up[key] = reason
            raise FeedError(name, reason, transient=False) from error
        finally:
            if worker and not kept:
                await worker.kill()
            self._idle.put_nowait(kept)
        return _unpacked(answer, name)

    async def _next_idle(self) -> _Worker | None:
        """Return an idle worker, or None if a new one must be started."""
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
        #: What the process is kept from, as it has tried out.
        self.confinement = Confinement()

    @classmethod
    async def start(cls, *arguments: str) -> _Worker:
        """Start a process and wait until its parsers are loaded."""
        # -P: no modules are imported from the current folder.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "digest.readers.parsing.worker", *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_bare_environment(),
        )
        if process.stdin is None or process.stdout is None:
            raise DigestError("parser process: started without pipes")
        worker = cls(process, process.stdin, process.stdout)
        try:
            worker.confinement = await asyncio.wait_for(receive_frame(worker._answers), _START_S)
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def ask(self, job: Any) -> Any:
        """Send a job and wait for its answer."""
        self._jobs.write(frame(job))
        await self._jobs.drain()
        return await receive_frame(self._answers)

    async def was_ended_by_document(self) -> bool:
        """Return whether the process ended by itself: at its limit, or by a fault of a parser."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), 1)
        return self._process.returncode not in {None, -signal.SIGKILL, -signal.SIGTERM}

    async def stop(self) -> None:
        """Close the pipe, which ends an idle worker."""
        self._jobs.close()
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """Kill the process."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._jobs.close()
        await self._process.wait()


@cache
def _log_once(confinement: Confinement) -> None:
    _log.info("%s", confinement.line)


def _bare_environment() -> dict[str, str]:
    """Return the variables without which Python may not start; the worker deletes them too."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("PYTHON") or name in _FOR_PYTHON
    }


def _key_of(job: str, document: Document | bytes) -> bytes:
    """Return a hash of the kind of job and the bytes to parse, wherever they are from."""
    body = document if isinstance(document, bytes) else document.body
    return hashlib.sha256(body + job.encode()).digest()


def _unpacked(answer: tuple[Any, ...], name: str) -> Any:
    if answer[0] == "failed":
        _, reason, is_transient = answer
        raise FeedError(name, reason, transient=is_transient)
    return answer[1]
