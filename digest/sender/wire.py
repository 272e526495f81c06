"""The replies of one SMTP session, each matched to what asked for it.

aiosmtplib gives up what it did not expect; here it counts. A server that says more than it was
asked may have answered something else, so that nobody can tell which word is about which mail.
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
    """The session is of no use any more; says why in few fixed words: they become reasons."""


class Wire(asyncio.Protocol):
    """Asks one thing at a time, and ends the session at the first word that was not asked for."""

    def __init__(self, transport: asyncio.Transport) -> None:
        """Take over a transport on which a session stands ready."""
        self._transport = transport
        self._buffer = b""
        self._lines: list[bytes] = []
        self._replies: list[Reply] = []
        self._waiter: asyncio.Future[Reply] | None = None
        self._fault = ""
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether the session stands and both sides are in step."""
        return not self._fault and not self._transport.is_closing()

    async def ask(self, data: bytes, timeout_s: float) -> Reply:
        """Write and wait for the one reply, under one deadline for the whole of it.

        Raises:
            LostError: none came, or not one that can be trusted.
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
        """End the session at once; `why` is what later askers are told."""
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
            self._tell(replies)

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

    def _tell(self, replies: list[Reply]) -> None:
        waiter = self._waiter if self._waiter is not None and not self._waiter.done() else None
        unasked = replies[1:] if waiter else replies
        # A server may say 421 at any time (RFC 5321 section 3.8); what it said before counts.
        if any(reply.code != CLOSING for reply in unasked):
            self.end("unasked answer")
        elif waiter:
            waiter.set_result(replies[0])
        if unasked:
            self.end("closed by the server")
