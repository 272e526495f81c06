"""Keys and commands with a new meaning or default in this version; each is named once.

To announce another change, add one entry to `CHANGES`. Nothing is named to a new installation: what
was named is stored beside the database, and a database that is created begins with all of it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from digest.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A key or command that now does something else."""

    #: Never changed later: it says what was told.
    name: str
    #: What to do about it, in one line.
    text: str


CHANGES = (
    Change(
        name="send-before-its-hour",
        text="`digest send` sends no draft before its hour any more, but exits with 4. Run it after"
        " the hour, as from cron, or use `--now` (see docs/operations.md, The schedule)",
    ),
    Change(
        name="quotes-per-post",
        text="`top_comments_per_post` is 1 by default (before: 2), and the post at the top has"
        " `top_comments_lead` (2) of its own; set both to keep what you had",
    ),
)


def untold_changes(database: Database) -> tuple[str, ...]:
    """Return the changes that were not told yet, one line each."""
    told = _read(_file(database))
    return tuple(change.text for change in CHANGES if change.name not in told)


def mark_told(database: Database) -> None:
    """Store that every change was named; if that fails, they are named again."""
    with suppress(OSError):
        _file(database).write_text("".join(f"{each.name}\n" for each in CHANGES), "utf-8")


def _file(database: Database) -> Path:
    return database.leavings.with_suffix(".changes")


def _read(file: Path) -> frozenset[str]:
    try:
        return frozenset(file.read_text("utf-8").split())
    except (OSError, ValueError):
        return frozenset()
