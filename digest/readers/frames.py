"""How the pool and its workers speak: a length of four bytes, then a pickle.

The worker is our own process behind our own pipe; nobody else can write there.
"""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any, Protocol

_LENGTH = struct.Struct(">I")


class AsyncReader(Protocol):
    """What the pool reads from."""

    async def readexactly(self, n: int) -> bytes:
        """Give exactly `n` bytes."""
        ...


def frame(value: Any) -> bytes:
    """Give `value` as bytes for the pipe."""
    content = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(content)) + content


def read_frame(pipe: IO[bytes]) -> Any:
    """Give the next value; None at the end of the pipe."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return pickle.loads(pipe.read(*_LENGTH.unpack(head)))  # noqa: S301 - see above


async def receive_frame(pipe: AsyncReader) -> Any:
    """Give the next value.

    Raises:
        asyncio.IncompleteReadError: the other end is gone.
    """
    head = await pipe.readexactly(_LENGTH.size)
    return pickle.loads(await pipe.readexactly(*_LENGTH.unpack(head)))  # noqa: S301
