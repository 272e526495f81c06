"""How the pool and its workers speak: a length of four bytes, then a pickle.

A worker is our own process, but it works on hostile bytes. Should they ever take it over, its
answers could still bring nothing but the values that it is there for, and not many of them.
"""

from __future__ import annotations

import io
import pickle
import struct
from datetime import date, datetime, timedelta, timezone
from typing import IO, Any, Protocol

from digest import models

#: Of one answer; a document that is read has 20 MB at most.
MAX_ANSWER_BYTES = 64_000_000

_LENGTH = struct.Struct(">I")
#: By module and name: what an answer may be made of, beside texts, numbers and containers.
_ALLOWED: dict[tuple[str, str], Any] = {
    (each.__module__, each.__qualname__): each
    for each in (
        *(each for each in vars(models).values() if isinstance(each, type)),
        *(date, datetime, timedelta, timezone, frozenset, set),
    )
}


class FrameError(ConnectionError):
    """What came is no answer."""


class AsyncReader(Protocol):
    """What the pool reads from."""

    async def readexactly(self, n: int) -> bytes:
        """Give exactly `n` bytes."""
        ...


def frame(value: Any) -> bytes:
    """Give `value` as bytes for the pipe."""
    content = io.BytesIO()
    content.write(_LENGTH.pack(0))
    pickle.dump(value, content, protocol=pickle.HIGHEST_PROTOCOL)
    length = content.tell() - _LENGTH.size
    content.seek(0)
    content.write(_LENGTH.pack(length))
    return content.getvalue()  # shares its bytes; a document is not copied once more


def read_frame(pipe: IO[bytes]) -> Any:
    """Give the next value, in a worker; None at the end of the pipe."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    # What comes from the pool is as good as our own code.
    return pickle.loads(pipe.read(*_LENGTH.unpack(head)))  # noqa: S301


async def receive_frame(pipe: AsyncReader) -> Any:
    """Give the next value of a worker.

    Raises:
        asyncio.IncompleteReadError: the other end is gone.
        FrameError: it is too large, or made of what no answer is made of.
    """
    (length,) = _LENGTH.unpack(await pipe.readexactly(_LENGTH.size))
    if length > MAX_ANSWER_BYTES:
        raise FrameError(f"an answer of {length} bytes")
    content = await pipe.readexactly(length)
    try:
        return _AnswerReader(io.BytesIO(content)).load()
    except Exception as error:  # damaged pickles raise nearly anything
        raise FrameError(f"an answer that cannot be read ({error})") from error


class _AnswerReader(pickle.Unpickler):
    """Makes values of the kinds named above, and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Give what an answer names."""
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed") from None
