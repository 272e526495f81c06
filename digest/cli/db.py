"""`digest db`: upgrades the database."""

from __future__ import annotations

from dataclasses import asdict

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say
from digest.errors import ExitCode

app = typer.Typer(help="Upgrade the database.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Upgrade the database."""


@app.command("upgrade")
def upgrade(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Upgrade the database schema to this version of digest.

    There is no way back: make a backup first. Approvals that the new version does not accept are
    listed.

    Exit codes: 1 if an edition must be approved again.
    """
    done = open_newsroom(context).upgrade_database(by=terminal_user())
    if as_json:
        print_json(asdict(done))
    elif done.before == done.now:
        say(f"{done.database}: already at schema {done.now}.")
    else:
        say(f"{done.database}: upgraded from schema {done.before or 'none'} to {done.now}.")
    if not as_json:
        for reason in done.void_approvals:
            say(f"Approval is void: {reason}")
    if done.void_approvals:
        raise typer.Exit(ExitCode.PROBLEMS)
