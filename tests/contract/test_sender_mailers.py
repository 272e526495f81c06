"""The contract of every `Mailer`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.errors import RelayError
from digest.models import Message
from digest.sender.attempt import Fate
from digest.sender.outbox import Outbox
from digest.sender.relay import Relay
from digest.sender.work import Mailer
from tests.support.mailers import deliver, over
from tests.support.smtp_sink import ScriptedSink

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Place:
    """A mailer, and the messages that arrived at its other end."""

    mailer: Mailer
    contents: Callable[[], list[bytes]]


@pytest.fixture(params=["smtp", "outbox"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    if request.param == "outbox":
        folder = tmp_path / "out"
        outbox = Outbox(folder)
        yield Place(outbox, lambda: [path.read_bytes() for path in sorted(folder.glob("*.eml"))])
        return
    async with ScriptedSink() as sink:
        relay = Relay(host="127.0.0.1", port=sink.port, security="none")
        yield Place(over(relay)["open_mailer"](), lambda: sink.contents)


def message(number: int) -> Message:
    return Message(
        message_id=f"<{number}@example.org>",
        sender="bounce@example.org",
        recipient=f"user{number}@example.org",
        content=b"Subject: news\r\n\r\nNumber %d\r\n" % number,
    )


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def test_messages_are_taken_one_after_another_as_they_are(place: Place) -> None:
    fates = [(await deliver(place.mailer, message(n), yes)).fate for n in (1, 2, 3)]
    await place.mailer.close()
    assert fates == [Fate.SENT] * 3
    assert place.contents() == [message(n).content for n in (1, 2, 3)]


async def test_no_content_leaves_before_the_mark(place: Place) -> None:
    seen_at_mark: list[int] = []

    async def mark() -> bool:
        seen_at_mark.append(len(place.contents()))
        return True

    await deliver(place.mailer, message(1), mark)
    await place.mailer.close()
    assert (seen_at_mark, len(place.contents())) == ([0], 1)


async def test_without_the_mark_nothing_is_sent_and_the_next_mail_is(place: Place) -> None:
    fates = [(await deliver(place.mailer, message(1), mark)).fate for mark in (no, yes)]
    await place.mailer.close()
    assert fates == [Fate.SKIPPED, Fate.SENT]
    assert place.contents() == [message(1).content]


async def test_closing_twice_does_no_harm(place: Place) -> None:
    await deliver(place.mailer, message(1))
    for _ in range(2):
        await place.mailer.close()
    assert len(place.contents()) == 1


async def test_an_outbox_holds_whole_messages_under_their_ids(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    for number, mark in ((1, yes), (1, yes), (2, no)):
        await deliver(outbox, message(number), mark)
    assert names_in(tmp_path) == ["1@example.org.eml"]


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RelayError, match=r"outbox .*/file"):
        await deliver(Outbox(tmp_path / "file"), message(1))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
