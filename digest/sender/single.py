"""Hands over mails that have no row in the ledger: notes, notices and tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from digest.models import Message, Reply
from digest.sender.attempt import Attempt, Fate
from digest.sender.relays import RelayState
from digest.sender.work import Job, Mailer

#: Connections that may break under one mail.
_MAX_BREAKS = 3


async def send_each(
    messages: Sequence[Message], open_mailer: Callable[[], Mailer]
) -> tuple[Attempt, ...]:
    """Hand mails over on one connection; return the attempt of each.

    Raises:
        RelayError: no relay can be used.
    """
    work = _Few(messages)
    mailer = open_mailer()
    try:
        await mailer.send(work)
    finally:
        await mailer.close()
    return tuple(work.attempts[message.message_id] for message in messages)


class _Few:
    """A few mails as the work of one connection."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._jobs = deque(Job(message=message) for message in messages)
        self._breaks = 0
        #: By Message-ID.
        self.attempts: dict[str, Attempt] = {}

    async def wait(self) -> bool:
        return bool(self._jobs)

    async def next(self, relay: RelayState | None = None) -> Job | None:
        return self.take(relay)

    def take(self, relay: RelayState | None = None) -> Job | None:  # noqa: ARG002 - any relay
        return self._jobs.popleft() if self._jobs else None

    async def hand(self, job: Job) -> bool:
        job.is_marked = True
        return True

    def sent(self, job: Job, reply: Reply | None, relay: str) -> bool:  # noqa: ARG002 - `end` records all
        return False

    async def end(self, job: Job, attempt: Attempt) -> None:
        self._breaks = self._breaks + 1 if attempt.fate is Fate.RETURNED else 0
        if 0 < self._breaks < _MAX_BREAKS:
            self.put_back(job)
        else:
            self.attempts[job.message.message_id] = attempt

    def put_back(self, job: Job) -> None:
        self._jobs.appendleft(job)
