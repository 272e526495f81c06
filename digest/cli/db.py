"""`digest db`: upgrades the database, or moves it to another."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, say
from digest.errors import ExitCode
from digest.text.counted import counted

if TYPE_CHECKING:
    from digest.newsroom.copy_database import CopiedTable

app = typer.Typer(help="Upgrade the database, or move it.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Upgrade the database, or move it."""


@app.command("upgrade")
def upgrade(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Upgrade the database schema to this version of digest.

    There is no way back: make a backup first. Approvals that the new version does not accept are
    listed. Refused while an edition is being sent: stop `digest run`, `send` and `worker` first.

    Exit codes: 1 if an edition must be approved again, 4 if an edition is being sent.
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


@app.command("copy")
def copy(
    context: typer.Context,
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Empty database: postgresql://… or sqlite:///FILE.")
    ],
    as_json: JsonFlag = False,
) -> None:
    """Move the installation to PostgreSQL, or back to SQLite.

    Copies every table, and compares the number of rows and a checksum of each. From then on the
    new database may send, and the old one refuses to. Stop `digest run`, `serve` and `worker`
    first. If it is interrupted, the old database is unchanged; run it again.

    Exit codes: 4 if the new database is not empty, or other processes use the old one.
    """

    def show(table: CopiedTable) -> None:
        if table.rows and not as_json:
            say(f"{table.name}: {counted(table.rows, 'row')}, equal on both sides.")

    done = open_newsroom(context).copy_database(url, by=terminal_user(), progress=show)
    if as_json:
        print_json({**asdict(done), "rows": done.rows})
        return
    say(f"Copied {counted(done.rows, 'row')} from {done.source} to {done.target}.")
    say("Now set this in the configuration, and start the processes again:")
    say("  [database]")
    say(f'  url = "{_shown(url)}"')
    say(f"{done.source} does not send any more; keep it until the next edition is out.")


def _shown(url: str) -> str:
    """Return a database's address without its password."""
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1@", url)
