"""A mail server that accepts everything, as fast as Python can, also with TLS.

`python -m bench.wire.fast_sink PORT [CERTIFICATE]`; the certificate is a PEM file with its key.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import Callable
from typing import cast

import uvloop

_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}
_ACCEPTED = b"250 2.0.0 ok\r\n"
_END = b"\r\n.\r\n"


class FastSink(asyncio.Protocol):
    """One connection. It finds the end of a mail and keeps nothing of it."""

    def __init__(self, on_mail: Callable[[], None] = lambda: None) -> None:
        self._on_mail = on_mail
        self._buffer = b""
        self._is_content = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        # A cast because the transports of uvloop are not asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every command and every mail that is complete."""
        self._buffer += data
        answers = []
        while (answer := self._next_answer()) is not None:
            answers.append(answer)
        if answers:
            self._transport.write(b"".join(answers))
        if answers and answers[-1] is _ANSWERS[b"QUIT"]:
            self._transport.close()

    def _next_answer(self) -> bytes | None:
        if self._is_content:
            return self._end_of_mail()
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end:
            return None
        self._buffer = rest
        verb = line[:4].upper()
        self._is_content = verb == b"DATA"
        return _ANSWERS.get(verb, _ACCEPTED)

    def _end_of_mail(self) -> bytes | None:
        place = self._buffer.find(_END)
        if place < 0:
            # The rest may hold the beginning of the end.
            self._buffer = self._buffer[-len(_END) :]
            return None
        self._buffer = self._buffer[place + len(_END) :]
        self._is_content = False
        self._on_mail()
        return _ACCEPTED


async def _serve(port: int, certificate: str | None) -> None:
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    server = await asyncio.get_running_loop().create_server(
        FastSink, "127.0.0.1", port, ssl=context, backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))
