"""A TCP proxy before a mail server that cuts a connection after a number of bytes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(kw_only=True)
class CutProxy:
    """`async with CutProxy(...) as proxy:` listens on `proxy.port`; only the first one is cut."""

    #: The port of the server.
    server: int
    #: Which way the bytes go that are counted.
    is_to_server: bool
    #: The connection ends after this many bytes.
    after: int
    #: End it with a reset, not a close.
    is_reset: bool = False
    #: What passed over the first connection, each way.
    heard: bytearray = field(default_factory=bytearray)
    said: bytearray = field(default_factory=bytearray)
    port: int = 0

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self._count += 1
        task = asyncio.create_task(self._join(client, to_client, is_first=self._count == 1))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(
        self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter, *, is_first: bool
    ) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self.server)
        most = self.after if is_first else None
        pumps = {
            asyncio.create_task(
                _pump(
                    client,
                    to_server,
                    self.heard if is_first else bytearray(),
                    most if self.is_to_server else None,
                )
            ),
            asyncio.create_task(
                _pump(
                    server,
                    to_client,
                    self.said if is_first else bytearray(),
                    None if self.is_to_server else most,
                )
            ),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            to_server.close()
            if self.is_reset and is_first:
                to_client.transport.abort()
            to_client.close()


async def _pump(
    source: asyncio.StreamReader,
    target: asyncio.StreamWriter,
    passed: bytearray,
    most: int | None,
) -> None:
    """Pass bytes on until the source ends or `most` have passed."""
    while most is None or len(passed) < most:
        data = await source.read(1 << 16)
        if not data:
            return
        data = data if most is None else data[: most - len(passed)]
        passed += data
        target.write(data)
        await target.drain()
