"""Mailers for tests: one that takes mail by mail without a connection, and a call for one mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypedDict

from digest.errors import RelayError
from digest.models import Message, Reply
from digest.sender.attempt import Attempt
from digest.sender.relay import Relay
from digest.sender.relays import Relays, RelayState
from digest.sender.smtp.mailer import SmtpMailer
from digest.sender.work import Job, Mailer, Work

#: Commits the mark `handing`; returns False if the message must not be sent.
Mark = Callable[[], Awaitable[bool]]


class OneByOne:
    """A mailer whose subclasses say what becomes of one mail."""

    async def close(self) -> None:
        """Close nothing."""

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Hand one mail over."""
        raise NotImplementedError

    async def send(self, work: Work) -> None:
        """Hand over mails until there is none any more."""
        while (job := await work.next()) is not None:
            await self._send_one(job, work)

    async def _send_one(self, job: Job, work: Work) -> None:
        async def mark() -> bool:
            return await work.hand(job)

        try:
            attempt = await self.deliver(job.message, mark)
        except RelayError:
            work.put_back(job)
            raise
        await work.end(job, attempt)


async def always() -> bool:
    """Allow every mail."""
    return True


async def deliver(mailer: Mailer, message: Message, mark: Mark = always) -> Attempt:
    """Hand one mail over, and return its attempt; the mailer stays open."""
    work = _One(message, mark)
    await mailer.send(work)
    assert work.attempt is not None
    return work.attempt


class _One:
    """One mail as the work of a mailer; what comes back is its attempt too."""

    def __init__(self, message: Message, mark: Mark) -> None:
        self._jobs = [Job(message=message)]
        self._mark = mark
        self.attempt: Attempt | None = None

    async def wait(self) -> bool:
        return bool(self._jobs)

    async def next(self, relay: RelayState | None = None) -> Job | None:
        return self.take(relay)

    def take(self, relay: RelayState | None = None) -> Job | None:  # noqa: ARG002 - any relay
        return self._jobs.pop() if self._jobs else None

    async def hand(self, job: Job) -> bool:
        job.is_marked = await self._mark()
        return job.is_marked

    def sent(self, job: Job, reply: Reply | None, relay: str) -> bool:  # noqa: ARG002 - `end` records all
        return False

    async def end(self, job: Job, attempt: Attempt) -> None:  # noqa: ARG002 - there is one
        self.attempt = attempt

    def put_back(self, job: Job) -> None:
        self._jobs.append(job)


class Way(TypedDict):
    """The fields of a `SendRequest` that say where its mails go."""

    relays: Relays
    open_mailer: Callable[[], SmtpMailer]


def over(*relays: Relay, connections: int | None = None, patience_s: float = 0.0) -> Way:
    """Return the way over relays of which nothing is known yet.

    Args:
        relays: the relays.
        connections: their connections, at most; None: as they say.
        patience_s: how long a connection waits for a relay that is down.
    """
    if connections is not None:
        relays = tuple(replace(relay, connections=connections) for relay in relays)
    known = Relays(relays)
    return Way(relays=known, open_mailer=lambda: SmtpMailer(known, patience_s=patience_s))
