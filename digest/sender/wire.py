"""Matches each reply of one SMTP session to its command.

aiosmtplib discards unexpected replies; here they end the session. If a server sends more replies
than commands, a reply can no longer be matched to its mail.
"""

from __future__ import annotations

import asyncio
import re

from digest.models import Reply
from digest.sender.replies import CLOSING

#: Four times what RFC 5321 section 4.5.3.1.5 allows a line.
_MAX_LINE = 2_048
_MAX_REPLY = 32_768
_LINE = re.compile(rb"[2-5][0-9][0-9](?:[ -].*)?", re.DOTALL)


class LostError(Exception):
    """The session cannot be used any more; the message is a fixed phrase, stored as a reason."""


class Wire(asyncio.Protocol):
    """Sends one command at a time and ends the session at the first unexpected reply."""

    def __init__(self, transport: asyncio.Transport) -> None:
        """Take over a transport whose session is ready for commands."""
        self._transport = transport
        self._buffer = b""
        self._lines: list[bytes] = []
        self._replies: list[Reply] = []
        self._waiter: asyncio.Future[Reply] | None = None
        self._fault = ""
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether the session is open and both sides are in step."""
        return not self._fault and not self._transport.is_closing()

    async def ask(self, data: bytes, timeout_s: float) -> Reply:
        """Write `data` and return the one reply; the timeout covers both.

        Raises:
            LostError: no reply arrived, or it cannot be trusted.
        """
        if not self.is_open:
            raise LostError(self._fault or "connection lost")
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._waiter
        except TimeoutError as error:
            self.end("timed out")
            raise LostError("timed out") from error
        finally:
            self._waiter = None

    def end(self, why: str) -> None:
        """End the session immediately; later calls of `ask` raise `LostError` with `why`."""
        self._fault = self._fault or why
        self._transport.abort()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(LostError(self._fault))

    def data_received(self, data: bytes) -> None:
        """Collect replies; called by the event loop."""
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._take(line.rstrip(b"\r"))
        if len(self._buffer) > _MAX_LINE:
            self.end("no valid answer")
        if self._replies:
            replies, self._replies = self._replies, []
            self._deliver(replies)

    def eof_received(self) -> None:
        """End the session; called by the event loop."""
        self.end("connection lost")

    def connection_lost(self, _error: Exception | None) -> None:
        """End the session; called by the event loop."""
        self.end("connection lost")

    def _take(self, line: bytes) -> None:
        self._lines.append(line)
        is_valid = (
            _LINE.fullmatch(line) is not None
            and line[:3] == self._lines[0][:3]
            and len(line) <= _MAX_LINE
            and sum(map(len, self._lines)) <= _MAX_REPLY
        )
        if not is_valid:
            self.end("no valid answer")
        elif line[3:4] != b"-":
            text = b" ".join(part[4:].strip() for part in self._lines).decode("utf-8", "replace")
            self._replies.append(Reply(code=int(line[:3]), text=text.replace("\0", "")))
            self._lines = []

    def _deliver(self, replies: list[Reply]) -> None:
        waiter = self._waiter if self._waiter is not None and not self._waiter.done() else None
        unasked = replies[1:] if waiter else replies
        # A server may send 421 at any time (RFC 5321 section 3.8); an earlier reply counts.
        if any(reply.code != CLOSING for reply in unasked):
            self.end("unasked answer")
        elif waiter:
            waiter.set_result(replies[0])
        if unasked:
            self.end("closed by the server")
