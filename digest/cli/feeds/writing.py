"""Prints lines for a configuration file that cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from digest.newsroom.feeds.file import Written


def show_problem(written: Written, section: str = "") -> None:
    """Print why nothing was written, the lines to paste, and the newsletter to add them to."""
    typer.echo(f"digest: {written.problem}; add these lines to it:", err=True)
    typer.echo(written.lines, nl=False)
    if section:
        typer.echo(f"digest: and add their categories to newsletter {section!r}", err=True)
