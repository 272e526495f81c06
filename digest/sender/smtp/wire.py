"""Matches each reply of one SMTP session to its command.

aiosmtplib discards unexpected replies; here they end the session. If a server sends more replies
than commands, a reply can no longer be matched to its mail.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from functools import lru_cache

from digest.models import Reply
from digest.sender.replies import CLOSING

#: Four times what RFC 5321 section 4.5.3.1.5 allows a line.
_MAX_LINE = 2_048
_MAX_REPLY = 32_768
_LINE = re.compile(rb"[2-5][0-9][0-9](?:[ -].*)?", re.DOTALL)


class LostError(Exception):
    """The session cannot be used any more; the message is a fixed phrase, stored as a reason."""


class Wire(asyncio.Protocol):
    """Counts the replies that are owed, and gives them in order.

    What the server said before the session ended still counts, unless it said too much.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        """Take over a transport whose session is ready for commands."""
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._lines: list[bytes] = []
        #: The bytes of these lines.
        self._length = 0
        self._replies: deque[Reply] = deque()
        self._owed = 0
        self._waiter: asyncio.Future[None] | None = None
        #: When the wait for a reply ends, and the timer that looks; it may look too early.
        self._deadline_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._fault = ""
        #: Whether the server said more than it was asked; then no reply can be matched.
        self.is_out_of_step = False
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether the session is open and both sides are in step."""
        return not self._fault and not self._transport.is_closing()

    @property
    def fault(self) -> str:
        """Why the session has ended; empty if it has not."""
        return self._fault

    def send(self, *data: bytes, replies: int) -> None:
        """Write commands or content that the server answers with this number of replies.

        Raises:
            LostError: the session has ended; nothing was written.
        """
        if not self.is_open:
            raise LostError(self._fault or "connection lost")
        self._owed += replies
        self._transport.writelines(data)

    def ready(self, count: int) -> list[Reply] | None:
        """Return that number of replies if all of them are there; else None."""
        if self.is_out_of_step or len(self._replies) < count:
            return None
        return [self._replies.popleft() for _ in range(count)]

    async def reply(self, timeout_s: float) -> Reply:
        """Return the next reply; the timeout is for the whole of it.

        Raises:
            LostError: no reply arrived, or it cannot be trusted.
        """
        if self._replies and not self.is_out_of_step:
            return self._replies.popleft()
        if not self._fault:
            self._waiter = self._loop.create_future()
            self._end_in(timeout_s)
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self.is_out_of_step or not self._replies:
            raise LostError(self._fault)
        return self._replies.popleft()

    def end(self, why: str) -> None:
        """End the session immediately; later calls raise `LostError` with `why`."""
        self._fault = self._fault or why
        self._transport.abort()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wake()

    def data_received(self, data: bytes) -> None:
        """Collect replies; called by the event loop."""
        lines = (self._buffer + data).split(b"\n")
        self._buffer = lines.pop()
        for line in lines:
            reply = None if self._lines else _read_line(line)
            if reply is None or self._fault or not self._owed:
                self._take(line.rstrip(b"\r"), reply)
            else:  # nearly always
                self._owed -= 1
                self._replies.append(reply)
        if len(self._buffer) > _MAX_LINE:
            self.end("no valid answer")
        elif self._replies:
            self._wake()

    def eof_received(self) -> None:
        """End the session; called by the event loop."""
        self.end("connection lost")

    def connection_lost(self, _error: Exception | None) -> None:
        """End the session; called by the event loop."""
        self.end("connection lost")

    def _take(self, line: bytes, reply: Reply | None) -> None:
        """Take a line that is the whole reply, or without one a line of a longer reply."""
        if self._fault:
            return
        if reply is not None:
            self._add(reply)
            return
        self._lines.append(line)
        self._length += len(line)
        is_valid = (
            _LINE.fullmatch(line) is not None
            and line[:3] == self._lines[0][:3]
            and len(line) <= _MAX_LINE
            and self._length <= _MAX_REPLY
        )
        if not is_valid:
            self.end("no valid answer")
        elif line[3:4] != b"-":
            lines, self._lines, self._length = self._lines, [], 0
            self._add(_reply_of(lines))

    def _add(self, reply: Reply) -> None:
        if self._owed:
            self._owed -= 1
            self._replies.append(reply)
        elif reply.code == CLOSING:  # a server may say so at any time (RFC 5321 section 3.8)
            self.end("closed by the server")
        else:
            self.is_out_of_step = True
            self.end("unasked answer")

    def _end_in(self, timeout_s: float) -> None:
        """End the session after this time if it still waits then.

        A timer for each reply would cost more than reading the reply.
        """
        self._deadline_s = self._loop.time() + timeout_s
        if self._timer is not None and self._timer.when() > self._deadline_s:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(self._deadline_s, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._waiter is None:
            return
        if self._loop.time() >= self._deadline_s:
            self.end("timed out")
        else:
            self._timer = self._loop.call_at(self._deadline_s, self._look)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


@lru_cache(maxsize=256)
def _read_line(line: bytes) -> Reply | None:
    """Return a reply of one line; None if it has more, or is none. Servers say the same few."""
    line = line.rstrip(b"\r")
    is_whole = line[3:4] != b"-" and len(line) <= _MAX_LINE and _LINE.fullmatch(line)
    return _reply_of([line]) if is_whole else None


def _reply_of(lines: list[bytes]) -> Reply:
    text = b" ".join(line[4:].strip() for line in lines).decode("utf-8", "replace")
    return Reply(code=int(lines[0][:3]), text=text.replace("\0", ""))
