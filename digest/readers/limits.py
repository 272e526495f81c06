"""How much of one document is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: Of one reading; more is an accident or an attack.
MAX_POSTS = 200


def take_posts(entries: Sequence[Any]) -> tuple[Sequence[Any], tuple[str, ...]]:
    """Give the first `MAX_POSTS` entries, and the problem to report where there are more."""
    if len(entries) <= MAX_POSTS:
        return entries, ()
    return entries[:MAX_POSTS], (f"{len(entries)} posts at once; only {MAX_POSTS} were read",)
