"""How much of one document is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from digest.text.html import remove_invisible

#: Of one reading; more is an accident or an attack.
MAX_POSTS = 200
#: Of one page or answer; no post that people read to its end has more.
MAX_COMMENTS = 1000
#: Of a feed's identifier of a post; databases do not index longer ones.
MAX_IDENTIFIER_CHARS = 1000


def take_posts(entries: Sequence[Any]) -> tuple[Sequence[Any], tuple[str, ...]]:
    """Give the first `MAX_POSTS` entries, and the problem to report where there are more."""
    if len(entries) <= MAX_POSTS:
        return entries, ()
    return entries[:MAX_POSTS], (f"{len(entries)} posts at once; only {MAX_POSTS} were read",)


def take_identifier(written: str) -> str:
    """Give an identifier as it is compared and stored."""
    return remove_invisible(written.strip())[:MAX_IDENTIFIER_CHARS]
