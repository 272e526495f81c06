"""Keeps the results of slow pure functions, so that a draft is composed again in no time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

#: Results of one function; an edition has at most some hundred posts.
_MOST = 1_000

P = ParamSpec("P")
R = TypeVar("R")


class _Call:
    """The arguments of a call until it is answered; afterwards only their digest."""

    __slots__ = ("args", "digest", "kwargs")

    def __init__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        shown = repr((args, sorted(kwargs.items()))).encode("utf-8", "surrogatepass")
        self.digest = hashlib.blake2b(shown, digest_size=16).digest()
        self.args, self.kwargs = args, kwargs

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Call) and other.digest == self.digest

    def forget(self) -> None:
        self.args, self.kwargs = (), {}


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Return a pure function that computes each result once, until a thousand others came.

    Its arguments are frozen, and `repr` shows all of their values. Results are found by a digest
    of that, because an edition's posts are too long to be kept as keys. The result must be frozen.
    """

    @lru_cache(maxsize=_MOST)
    def answer(call: _Call) -> R:
        return function(*call.args, **call.kwargs)

    @wraps(function)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        call = _Call(args, kwargs)
        result = answer(call)
        call.forget()
        return result

    return ask
