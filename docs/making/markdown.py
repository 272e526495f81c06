"""Pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a cell keeps its `|`, and its line breaks become spaces."""
    lines = [_line(columns), "|" + "---|" * len(columns)]
    lines += [_line(row) for row in rows]
    return "\n".join(lines) + "\n"


def code(text: object) -> str:
    """Return text as code within a line; empty stays empty."""
    return f"`{text}`" if str(text) else ""


def page(title: str, *parts: str) -> str:
    """Return a page: its title, then its parts with an empty line between them."""
    return "\n\n".join((f"# {title}", *(part.strip("\n") for part in parts if part))) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"
