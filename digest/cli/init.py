"""`digest init`: a configuration to fill in, and an empty database."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.app import parts
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say


def init(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write a commented configuration with a random key, and create its database."""
    path = config_path(context)
    database = parts.config_file.create(path, force=force)
    if as_json:
        print_json({"config": str(path), "database": database})
        return
    say(f"Wrote {path} and {database}.")
    say("Next: edit the file, then run `digest config check`.")
