"""How long something takes, told fairly on a machine that has other work."""

from __future__ import annotations

import time
from collections.abc import Callable


def least_seconds(work: Callable[[], object], *, under: float, tries: int = 3) -> float:
    """Give the processor time of `work`: of several tries the least, up to one within the limit.

    A busy neighbour slows some tries, never all; what is too slow by nature is so in each.
    """
    least = float("inf")
    for _ in range(tries):
        started = time.process_time()
        work()
        least = min(least, time.process_time() - started)
        if least < under:
            break
    return least
