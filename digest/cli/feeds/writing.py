"""Lines for the configuration file, where it cannot be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from digest.app.feed_list import Written


def show_problem(written: Written, section: str = "") -> None:
    """Print why nothing was written, the lines to paste, and who is to show them."""
    typer.echo(f"digest: {written.problem}; put these lines into it:", err=True)
    typer.echo(written.lines, nl=False)
    if section:
        typer.echo(f"digest: and their categories into those of newsletter {section!r}", err=True)
