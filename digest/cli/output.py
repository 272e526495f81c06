"""Prints results: tables on a terminal, plain lines elsewhere, JSON if asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from textwrap import wrap
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from digest.text.display import printable

_console = Console(highlight=False)


def say(line: str = "") -> None:
    """Print one line for people."""
    _console.print(escape(printable(line)), soft_wrap=True)


def say_item(text: str, *, first: str = "  ") -> None:
    """Print one item of a list; on a terminal, its further lines begin below its text."""
    if not _console.is_terminal:
        say(f"{first}{text}")
        return
    indent = " " * len(first)
    for line in wrap(f"{first}{text}", _console.width, subsequent_indent=indent):
        say(line)


def say_problem(line: str) -> None:
    """Print one line for people on standard error."""
    sys.stderr.write(f"{printable(line)}\n")


def warn_without_category(newsletter: str, count: int) -> None:
    """Print how many confirmed subscribers get no mail because of their choice, if any."""
    if count:
        who = "1 confirmed subscriber gets" if count == 1 else f"{count} confirmed subscribers get"
        say(
            f"Warning: {who} nothing: no category they chose is one of {newsletter};"
            " see `digest subscribers export`."
        )


def warn(line: str) -> None:
    """Print a line to standard error, so that it never mixes with a result; nothing if empty."""
    if line:
        sys.stderr.write(f"digest: {printable(line)}\n")


def heading(line: str) -> None:
    """Print a heading."""
    _console.print(f"[bold]{escape(printable(line))}[/bold]", soft_wrap=True)


_printed_json = False


def has_printed_json() -> bool:
    """Return whether the command has printed a result as JSON."""
    return _printed_json


def print_json(value: Any) -> None:
    """Print a result as JSON."""
    global _printed_json
    _printed_json = True
    sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=2) + "\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows below their headings; print nothing if there are no rows."""
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    if not cells:
        return
    if _console.is_terminal:
        # Folded, not cut: every cell must be readable in full.
        headings = (Column(name, overflow="fold") for name in columns)
        table = Table(*headings, box=None, pad_edge=False, header_style="bold")
        for row in cells:
            table.add_row(*map(escape, row))
        _console.print(table)
        return
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for row in ([*columns], *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


class ProgressBar:
    """Shows the progress of a run on a terminal, and nothing elsewhere."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def show(self, done: int, total: int, label: str = "") -> None:
        """Set the bar to `done` of `total`, with a label."""
        self._progress.update(
            self._task, completed=done, total=total, description=escape(printable(label))[:60]
        )


@contextmanager
def progress_bar(*, hidden: bool = False) -> Iterator[ProgressBar]:
    """Show a progress bar on standard error, so that it never mixes with a result."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=hidden or not console.is_terminal,
    ) as progress:
        yield ProgressBar(progress)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
