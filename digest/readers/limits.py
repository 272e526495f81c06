"""How much of one document is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from digest.text.html import remove_invisible

#: Of one reading; more is an accident or an attack.
MAX_POSTS = 200
#: Of one page or answer; no post that people read to its end has more.
MAX_COMMENTS = 1000
#: Of one list of feeds.
MAX_OUTLINES = 5000
#: Of a date or a language as written; no right one is longer.
MAX_NOTE_CHARS = 200
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


def take_note(written: str) -> str:
    """Give what is kept as written, a date or a language, as a database takes it."""
    return remove_invisible(written.strip())[:MAX_NOTE_CHARS]
