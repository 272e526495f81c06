"""Hostile documents and answers, and a measure of their cost."""

from __future__ import annotations

import asyncio
import gzip
import os
import struct
import threading
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

STATUS = Path("/proc/self/status")
MB = 1 << 20
#: No name, no time, no system (RFC 1952 section 2.3).
_GZIP_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"


@dataclass
class Cost:
    """Memory and time that a block cost this process."""

    seconds: float = 0
    #: Of the processor, in this process.
    processor_s: float = 0
    #: Bytes by which resident memory rose.
    grown: int = 0


@contextmanager
def measured() -> Iterator[Cost]:
    """Watch resident memory from a separate thread."""
    cost, before, done = Cost(), resident(), threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            cost.grown = max(cost.grown, resident() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started, processor = time.monotonic(), time.process_time()
    try:
        yield cost
    finally:
        cost.seconds = time.monotonic() - started
        cost.processor_s = time.process_time() - processor
        done.set()
        watcher.join()
        cost.grown = max(cost.grown, resident() - before)


def resident() -> int:
    """Return this process' resident memory in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@dataclass
class Wire:
    """A server that sends these bytes, repeatedly if asked."""

    head: bytes
    body: bytes = b""
    #: How many times the body is sent; 0 until the client closes.
    times: int = 1
    pause_s: float = 0
    sent: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, subscriber: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            await subscriber.readuntil(b"\r\n\r\n")
            writer.write(self.head)
            round_ = 0
            while not self.times or round_ < self.times:
                writer.write(self.body)
                await writer.drain()
                self.sent += len(self.body)
                round_ += 1
                await asyncio.sleep(self.pause_s)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client closed the connection, as the test expects
        finally:
            writer.close()


@asynccontextmanager
async def serving(wire: Wire) -> AsyncIterator[str]:
    """Return the address of such a server."""
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"
    finally:
        server.close()
        await server.wait_closed()


@cache
def gzipped_zeros(size: int, before: bytes = b"") -> bytes:
    """Return `size` zeros as gzip, a thousandth of that on the wire."""
    packer, times = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS), size // MB
    start = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    # A block that refers to none before it can be repeated.
    block = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.crc32(before)
    for _ in range(times):
        checksum = zlib.crc32(bytes(MB), checksum)
    end = packer.flush() + struct.pack("<II", checksum, (len(before) + times * MB) % (1 << 32))
    return _GZIP_HEADER + start + block * times + end


def nested_gzip(depth: int, content: bytes) -> bytes:
    """Return gzip within gzip."""
    for _ in range(depth):
        content = gzip.compress(content)
    return content
