"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
NewsletterName = Annotated[
    str,
    typer.Option(
        "--newsletter",
        "-n",
        metavar="NAME",
        help="Newsletter name. Required if there is more than one.",
    ),
]
EditionNumber = Annotated[
    int | None,
    typer.Argument(
        metavar="EDITION",
        help="Edition ID. Default: the newest edition this command can act on.",
    ),
]
NamedEdition = Annotated[
    int, typer.Argument(metavar="EDITION", help="Edition ID; see `digest status`.")
]


def config_path(context: typer.Context) -> Path:
    """Return the path of the configuration file, from `digest --config`."""
    path = context.obj
    if not isinstance(path, Path):
        raise TypeError("the root command sets the configuration's path")
    return path
