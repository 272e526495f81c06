"""`digest db`: the database itself."""

from __future__ import annotations

from dataclasses import asdict

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The database."""


@app.command("upgrade")
def upgrade(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Bring the database to this program's schema, forward only."""
    done = open_newsroom(context).upgrade_database(by=terminal_user())
    if as_json:
        print_json(asdict(done))
    elif done.before == done.now:
        say(f"{done.database}: schema {done.now} already.")
    else:
        say(f"{done.database}: schema {done.before or 'none'} → {done.now}.")
