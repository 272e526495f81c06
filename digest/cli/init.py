"""`digest init`: writes a configuration to fill in and creates an empty database."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.app import parts
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say


def init(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write a commented configuration and create its database.

    The configuration gets a random signing key. It is written to the file of `digest --config`.

    Exit codes: 2 if the file exists and --force is not given.
    """
    path = config_path(context)
    database = parts.config_file.create(path, force=force)
    if as_json:
        print_json({"config": str(path), "database": database})
        return
    say(f"Wrote {path} and {database}.")
    say("Next: edit the configuration, then run `digest config check`.")
