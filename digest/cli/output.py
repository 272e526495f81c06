"""Prints results: tables on a terminal, plain lines elsewhere, JSON if asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from shutil import get_terminal_size
from textwrap import wrap
from typing import Any

from digest.cli import parts
from digest.text.display import printable


def say(line: str = "") -> None:
    """Print one line for people."""
    sys.stdout.write(f"{printable(line)}\n")
    sys.stdout.flush()


def say_item(text: str, *, first: str = "  ") -> None:
    """Print one item of a list; on a terminal, its further lines begin below its text."""
    if not sys.stdout.isatty():
        say(f"{first}{text}")
        return
    indent = " " * len(first)
    for line in wrap(f"{first}{text}", get_terminal_size().columns, subsequent_indent=indent):
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
    if sys.stdout.isatty():
        parts.drawing.draw_heading(printable(line))
    else:
        say(line)


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
    if sys.stdout.isatty():
        parts.drawing.draw_table(columns, cells)
        return
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for row in ([*columns], *cells):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
