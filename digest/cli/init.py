"""`digest init`: a configuration to fill in, and an empty database."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from digest.app.database import open_database
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say
from digest.config import EXAMPLE_KEY, load_config
from digest.errors import UsageError
from digest.resources import example_config
from digest.store.engine import BUSY_TIMEOUT_S


def init(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write a commented configuration with a random key, and create its database."""
    path = config_path(context)
    if path.exists() and not force:
        raise UsageError(f"{path}: exists already; edit it, or use --force to write over it")
    _write_private(path, example_config().replace(EXAMPLE_KEY, secrets.token_urlsafe(32)))
    database = open_database(load_config(path), patience_s=BUSY_TIMEOUT_S)
    if as_json:
        print_json({"config": str(path), "database": database.name})
        return
    say(f"Wrote {path} and {database.name}.")
    say("Next: edit the file, then run `digest config check`.")


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read: it holds the key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, "utf-8")
