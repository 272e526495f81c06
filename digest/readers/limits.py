"""Limits on how much of one document is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from digest.text.invisible import remove_invisible

#: Posts in one feed document; more is an accident or an attack.
MAX_POSTS = 1000
#: Comments in one page or response; a thread that people read to its end has fewer.
MAX_COMMENTS = 1000
#: Feeds in one OPML list.
MAX_OUTLINES = 5000
#: Authors of a post that are named; scientific papers have hundreds.
MAX_AUTHORS = 5
#: Characters of a date or language as written; a valid one is shorter.
MAX_NOTE_CHARS = 200
#: Characters of a post's identifier; databases cannot index longer ones.
MAX_IDENTIFIER_CHARS = 1000


def take_posts(
    entries: Sequence[Any], date_of: Callable[[Any], datetime | None] = lambda _: None
) -> tuple[Sequence[Any], tuple[str, ...]]:
    """Return at most `MAX_POSTS` entries, and the problem to report if there are more.

    They are the first ones; the last ones if the dates show that the list begins with the oldest.
    """
    if len(entries) <= MAX_POSTS:
        return entries, ()
    first, last = date_of(entries[0]), date_of(entries[-1])
    if first and last and first < last:
        return entries[-MAX_POSTS:], (
            f"{len(entries)} posts in one feed; only the last {MAX_POSTS} were read",
        )
    return entries[:MAX_POSTS], (
        f"{len(entries)} posts in one feed; only the first {MAX_POSTS} were read",
    )


def take_identifier(written: str) -> str:
    """Return an identifier in the form that is compared and stored."""
    return remove_invisible(written.strip())[:MAX_IDENTIFIER_CHARS]


def take_note(written: str) -> str:
    """Return a date or language as written, in a form that a database accepts."""
    return remove_invisible(written.strip())[:MAX_NOTE_CHARS]


def join_authors(names: Sequence[str]) -> str:
    """Return the names in the order of the feed; `…` stands for more than `MAX_AUTHORS`."""
    more = ("…",) if len(names) > MAX_AUTHORS else ()
    return ", ".join((*names[:MAX_AUTHORS], *more))
