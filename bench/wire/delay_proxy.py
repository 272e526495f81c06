"""A way to a server that takes time: `python -m bench.wire.delay_proxy PORT SERVER_PORT DELAY_MS`.

Each direction is delayed by DELAY_MS, and nothing else is changed.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from typing import Any

import uvloop


class _End(asyncio.Protocol):
    """One end of a connection; what it receives is written to the other end later."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._loop = asyncio.get_running_loop()
        self._underway: deque[bytes] = deque()
        self.transport: Any = None
        self.other: _End | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._pass_on(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self._pass_on(b"")

    def _pass_on(self, data: bytes) -> None:
        # Each timer takes the oldest, so that the order holds even if timers run out of order.
        self._underway.append(data)
        self._loop.call_later(self._delay_s, self._arrive)

    def _arrive(self) -> None:
        data = self._underway.popleft()
        if self.other is None or self.other.transport is None:
            return
        if data:
            self.other.transport.write(data)
        else:
            self.other.transport.close()


class _Near(_End):
    """The end of the sender; it opens the connection to the server."""

    def __init__(self, port: int, delay_s: float) -> None:
        super().__init__(delay_s)
        self._port = port
        self._opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._opening = self._loop.create_task(self._open())

    async def _open(self) -> None:
        far = _End(self._delay_s)
        far.other, self.other = self, far
        await self._loop.create_connection(lambda: far, "127.0.0.1", self._port)


async def _serve(own_port: int, port: int, delay_s: float) -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: _Near(port, delay_s), "127.0.0.1", own_port, backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000))
