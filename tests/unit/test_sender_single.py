"""Mails outside the ledger, over a connection that breaks."""

from __future__ import annotations

import pytest

from digest.models import Message
from digest.sender.attempt import Attempt, Fate
from digest.sender.single import send_each
from digest.sender.work import Work

MAILS = tuple(
    Message(
        message_id=f"<{number}@example.org>",
        sender="b@example.org",
        recipient="a@example.org",
        content=b"",
    )
    for number in (1, 2)
)


class BreakingMailer:
    """Ends each mail with the next of these fates."""

    def __init__(self, *fates: Fate) -> None:
        self._fates = iter(fates)
        self.tried: list[str] = []

    async def send(self, work: Work) -> None:
        while await work.wait():
            job = await work.next()
            assert job is not None
            self.tried.append(job.message.message_id)
            await work.end(job, Attempt(fate=next(self._fates)))

    async def close(self) -> None:
        self.tried.append("closed")


@pytest.mark.anyio
async def test_a_mail_goes_again_until_three_connections_broke_under_it() -> None:
    broken = Fate.RETURNED
    mailer = BreakingMailer(broken, Fate.SENT, broken, broken, broken)
    attempts = await send_each(MAILS, lambda: mailer)
    assert [attempt.fate for attempt in attempts] == [Fate.SENT, broken]
    first, second = (mail.message_id for mail in MAILS)
    assert mailer.tried == [first, first, second, second, second, "closed"]
