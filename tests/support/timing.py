"""Processor time, corrected for a slow or busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds of `_walk` on a quiet processor.
_WALK_S = 0.02


def least_seconds(work: Callable[[], object], *, under: float, tries: int = 3) -> float:
    """Return the processor time of `work`: the least of several tries, or the first below `under`.

    A busy machine slows some tries, not all; code that is too slow is slow in each. In seconds of
    a quiet machine, as `pace` measures them.
    """
    least = float("inf")
    for _ in range(tries):
        slowness = pace()
        started = time.process_time()
        work()
        least = min(least, (time.process_time() - started) / slowness)
        if least < under:
            break
    return least


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail where the block takes more processor time; in seconds of a quiet machine."""
    slowness = pace()
    started = time.process_time()
    yield
    assert (time.process_time() - started) / max(slowness, pace()) < seconds


def pace() -> float:
    """Return how many times slower than a quiet machine this one is now; at least 1."""
    started = time.process_time()
    _walk()
    return max(1.0, (time.process_time() - started) / _WALK_S)


def _walk() -> None:
    words: dict[str, int] = {}
    for number in range(100_000):
        word = str(number % 5_000)
        words[word] = words.get(word, 0) + len(word)
