"""Draws on a terminal. Plain output needs none of it, and it is slow to load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from digest.text.display import printable

_console = Console(highlight=False)


def draw_heading(line: str) -> None:
    """Print a heading in bold."""
    _console.print(f"[bold]{escape(line)}[/bold]", soft_wrap=True)


def draw_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows below their headings, as wide as the terminal."""
    # Folded, not cut: every cell must be readable in full.
    headings = (Column(name, overflow="fold") for name in columns)
    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*map(escape, row))
    _console.print(table)


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
