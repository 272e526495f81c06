from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from digest.errors import DigestError
from digest.newsroom.context import WEBHOOK
from digest.newsroom.service.notices import MAX_AGE, deliver_notices, notify
from digest.store.engine import Database
from digest.store.notices import Notice
from digest.store.tables import notices
from tests.support.ledger_rows import NOW

pytestmark = pytest.mark.anyio
ANN, BEN = "ann@example.org", "ben@example.org"


class Channel:
    """Takes notices, or refuses them while it is down."""

    def __init__(self, *, is_down: bool = False) -> None:
        self.is_down = is_down
        self.heard: list[str] = []

    async def __call__(self, notice: Notice) -> None:
        if self.is_down:
            raise DigestError("nobody listens")
        self.heard.append(notice.recipient)


def tell_late(database: Database, *recipients: str, now: datetime = NOW) -> bool:
    return notify(database, "alert", "weekly/late", "It is late\nLook", recipients, now=now)


def states(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(notices.c.state).order_by(notices.c.id)))


async def test_a_notice_is_sent_once_to_each_recipient(database: Database) -> None:
    mail = Channel()
    assert tell_late(database, ANN, ANN)
    assert not tell_late(database, ANN)
    assert tell_late(database, ANN, BEN)
    assert await deliver_notices(database, mail, None, now=NOW) == 2
    assert await deliver_notices(database, mail, None, now=NOW + timedelta(days=1)) == 0
    assert mail.heard == [ANN, BEN]


async def test_nothing_is_written_without_recipients(database: Database) -> None:
    assert not tell_late(database)
    assert states(database) == []


async def test_the_webhook_and_the_mailbox_each_get_a_notice(database: Database) -> None:
    mail, hook = Channel(), Channel()
    tell_late(database, ANN, WEBHOOK)
    await deliver_notices(database, mail, hook, now=NOW)
    assert (mail.heard, hook.heard) == ([ANN], [WEBHOOK])


async def test_a_failed_notice_is_retried_and_does_not_delay_others(database: Database) -> None:
    mail, hook = Channel(is_down=True), Channel()
    tell_late(database, ANN, WEBHOOK)
    assert await deliver_notices(database, mail, hook, now=NOW) == 1
    mail.is_down = False
    assert await deliver_notices(database, mail, hook, now=NOW + timedelta(seconds=59)) == 0
    assert await deliver_notices(database, mail, hook, now=NOW + timedelta(minutes=1)) == 1
    assert (mail.heard, states(database)) == ([ANN], ["sent", "sent"])


async def test_a_notice_that_fails_for_days_is_given_up(database: Database) -> None:
    tell_late(database, ANN)
    for hours in range(6):  # a clock that was set forward makes every notice old
        assert states(database) == ["pending"]
        now = NOW + MAX_AGE + timedelta(hours=2 * hours)
        await deliver_notices(database, Channel(is_down=True), None, now=now)
    assert states(database) == ["failed"]


async def test_a_webhook_that_is_no_longer_configured_is_given_up(database: Database) -> None:
    tell_late(database, WEBHOOK)
    assert await deliver_notices(database, Channel(), None, now=NOW) == 0
    assert states(database) == ["failed"]


async def test_a_notice_taken_by_another_process_is_not_taken_twice(database: Database) -> None:
    mail = Channel()
    tell_late(database, ANN)

    async def while_it_is_told(notice: Notice) -> None:
        await deliver_notices(database, mail, None, now=NOW + timedelta(minutes=1))
        await mail(notice)

    await deliver_notices(database, while_it_is_told, None, now=NOW)
    assert mail.heard == [ANN]
