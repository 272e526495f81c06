"""The messages between the pool and its workers: a length of four bytes, then a pickle.

A worker is our own process, but it parses hostile bytes. If they ever take it over, its answers
can still contain only values of the allowed types, of limited size.
"""

from __future__ import annotations

import copyreg
import io
import pickle
import struct
from datetime import date, datetime, timedelta, timezone
from enum import Enum, EnumType
from typing import IO, Any, Protocol

from digest import models

#: The argument that starts a worker without its sandbox.
UNCONFINED = "--unconfined"
#: Size limit of one answer; a document has 20 MB at most.
MAX_ANSWER_BYTES = 64_000_000

_LENGTH = struct.Struct(">I")
#: Types allowed in an answer, in addition to strings, numbers and containers, by module and name.
_ALLOWED: dict[tuple[str, str], Any] = {
    (each.__module__, each.__qualname__): each
    for each in (
        *(each for each in vars(models).values() if isinstance(each, type)),
        *(date, datetime, timedelta, timezone, frozenset, set),
    )
}


def _by_value(member: Enum) -> tuple[type[Enum], tuple[Any]]:
    return type(member), (member.value,)


#: Until Python 3.11.4 a member of an enumeration is otherwise pickled as a call of `getattr`.
_REDUCERS = copyreg.dispatch_table | {
    each: _by_value for each in _ALLOWED.values() if isinstance(each, EnumType)
}


class FrameError(ConnectionError):
    """The received bytes are not a valid answer."""


class AsyncReader(Protocol):
    """The stream that the pool reads from."""

    async def readexactly(self, n: int) -> bytes:
        """Return exactly `n` bytes."""
        ...


def frame(value: Any) -> bytes:
    """Return `value` as bytes for the pipe."""
    content = io.BytesIO()
    content.write(_LENGTH.pack(0))
    pickler = pickle.Pickler(content, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(value)
    length = content.tell() - _LENGTH.size
    content.seek(0)
    content.write(_LENGTH.pack(length))
    return content.getvalue()  # shares its bytes; a document is not copied once more


def read_frame(pipe: IO[bytes]) -> Any:
    """Return the next value from the pool; None at the end of the pipe."""
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    # Data from the pool is as trusted as our own code.
    return pickle.loads(pipe.read(*_LENGTH.unpack(head)))  # noqa: S301


async def receive_frame(pipe: AsyncReader) -> Any:
    """Return the next value from a worker.

    Raises:
        asyncio.IncompleteReadError: the worker closed the pipe.
        FrameError: the answer is too large, or contains types that are not allowed.
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
    """Unpickles only the allowed types and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the type with this name, if it is allowed."""
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed") from None
