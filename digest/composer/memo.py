"""Keeps the results of slow pure functions, so that a draft is composed again in no time."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

#: Results of one function; an edition has at most some hundred posts.
_MOST = 1_000

P = ParamSpec("P")
R = TypeVar("R")


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Return a pure function that computes each result once, until a thousand others came.

    Its arguments are frozen, and `repr` shows all of their values. Results are found by a digest
    of that, because an edition's posts are too long to be kept as keys. The result must be frozen.
    """
    kept: OrderedDict[bytes, R] = OrderedDict()
    lock = Lock()

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        shown = repr((args, sorted(kwargs.items()))).encode("utf-8", "surrogatepass")
        key = hashlib.blake2b(shown, digest_size=16).digest()
        with lock:
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
        result = function(*args, **kwargs)
        with lock:
            kept[key] = result
            if len(kept) > _MOST:
                kept.popitem(last=False)
        return result

    return call
