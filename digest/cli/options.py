"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]
NewsletterName = Annotated[
    str,
    typer.Option("--newsletter", "-n", help="Which newsletter; needed where there are several."),
]
EditionNumber = Annotated[
    int | None,
    typer.Argument(metavar="[EDITION]", help="Id of the edition; the newest it fits by default."),
]
NamedEdition = Annotated[
    int, typer.Argument(metavar="EDITION", help="Id of the edition; see `digest status`.")
]


def config_path(context: typer.Context) -> Path:
    """Give the configuration file that `digest --config` names."""
    path = context.obj
    if not isinstance(path, Path):
        raise TypeError("the root command sets the configuration's path")
    return path
