"""`digest demo`: a complete run on this machine, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.demo.run import run_demo


def demo(
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Keep the site, preview and inbox running until Ctrl-C."),
    ] = False,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Output folder.")] = Path(
        "demo-out"
    ),
    database: Annotated[str, typer.Option(hidden=True)] = "sqlite:///digest.db",
) -> None:
    """Run the demo: an invented paper mailed to 200 subscribers.

    Uses the public commands only: collects the paper's feeds, composes an edition, sends it
    through a real SMTP server on this machine, and checks every mail that arrived.

    Exit codes: 1 if a step fails or a mail is wrong.
    """
    run_demo(out, serve=serve, database=database)
