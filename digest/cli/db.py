"""`digest db`: the database itself."""

from __future__ import annotations

import typer

from digest.app.database import unopened_database
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, say
from digest.config import load_config
from digest.store.migrate import upgrade as upgrade_schema
from digest.store.revision import REVISION

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The database."""


@app.command("upgrade")
def upgrade(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Bring the database to this program's schema, forward only."""
    database = unopened_database(load_config(config_path(context)))
    before = upgrade_schema(database)
    if as_json:
        print_json({"database": database.name, "before": before, "now": REVISION})
    elif before == REVISION:
        say(f"{database.name}: schema {REVISION} already.")
    else:
        say(f"{database.name}: schema {before or 'none'} → {REVISION}.")
