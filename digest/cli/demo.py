"""`digest demo`: the main job on this machine, offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.demo.run import run_demo


def demo(
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Keep the site, the preview and the inbox up until Ctrl-C."),
    ] = False,
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")] = Path("demo-out"),
    database: Annotated[str, typer.Option(hidden=True)] = "sqlite:///digest.db",
) -> None:
    """Read an invented paper's feeds, compose, and send 200 mails through a real SMTP server.

    Uses nothing but the public commands, and reads every mail back.
    """
    run_demo(out, serve=serve, database=database)
