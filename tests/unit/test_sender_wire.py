from __future__ import annotations

import asyncio
import time
from typing import cast

import pytest

from digest.models import Reply
from digest.sender.smtp.wire import LostError, Wire

pytestmark = pytest.mark.anyio
OK = Reply(code=250, text="ok")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Line:
    """A transport without a network."""

    def __init__(self) -> None:
        self.is_aborted = False

    def set_protocol(self, _protocol: asyncio.BaseProtocol) -> None:
        """Do nothing: the test gives the data to the protocol itself."""

    def writelines(self, _data: object) -> None:
        """Send nothing."""

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True


@pytest.fixture
async def wire() -> Wire:
    return Wire(cast("asyncio.Transport", Line()))


async def test_a_reply_that_does_not_come_ends_the_session_after_its_own_timeout(
    wire: Wire,
) -> None:
    wire.send(b"MAIL", replies=2)
    asyncio.get_running_loop().call_soon(wire.data_received, b"250 ok\r\n")
    assert await wire.reply(60) == OK
    started = time.monotonic()
    with pytest.raises(LostError, match="timed out"):
        await wire.reply(0.05)  # shorter than the timer that runs already
    assert time.monotonic() - started < 30
    assert not wire.is_open


async def test_the_timer_of_an_earlier_reply_does_not_end_a_later_one(wire: Wire) -> None:
    wire.send(b"MAIL", replies=2)
    loop = asyncio.get_running_loop()
    loop.call_soon(wire.data_received, b"250 ok\r\n")
    assert await wire.reply(0.05) == OK
    loop.call_later(0.2, wire.data_received, b"250 ok\r\n")
    assert await wire.reply(30) == OK
    assert wire.is_open


async def test_a_session_that_waits_for_nothing_does_not_time_out(wire: Wire) -> None:
    wire.send(b"MAIL", replies=1)
    asyncio.get_running_loop().call_soon(wire.data_received, b"250 ok\r\n")
    assert await wire.reply(0.02) == OK
    await asyncio.sleep(0.1)
    assert wire.is_open


async def test_replies_count_although_more_than_asked_for_follow_one_too_many_does_not(
    wire: Wire,
) -> None:
    wire.send(b"MAIL", replies=2)
    wire.data_received(b"250 ok\r\n250-first\r\n250 ok\r\n421 closing\r\n")
    assert wire.ready(2) == [OK, Reply(code=250, text="first ok")]
    assert not wire.is_open
    assert not wire.is_out_of_step
