"""`digest admin token`: the tokens of the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, print_table, say
from digest.models.admins import Right, Role

app = typer.Typer(help="Manage the tokens of the API.", no_args_is_help=True)

TokenName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the token.")]


@app.command("add")
def add(
    context: typer.Context,
    name: TokenName,
    role: Annotated[
        Role,
        typer.Option(
            metavar="ROLE",
            help="viewer, editor, approver or ops; see `digest admin add --help`.",
        ),
    ],
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="Last day (UTC) on which it works, such as 2027-01-31. Default: no end.",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a token and print it once."""
    made = open_newsroom(context).admins.make_token(
        name,
        role,
        last_day=until.date() if until else None,
        owner="",
        rights=frozenset(Right),
        by=terminal_user(),
    )
    if as_json:
        print_json({**asdict(made.token), "secret": made.secret})
        return
    say(made.secret)
    say("This is the only time that it is shown. A program sends it with each request:")
    say(f"  Authorization: Bearer {made.secret[:11]}…")


@app.command("list")
def list_tokens(context: typer.Context, as_json: JsonFlag = False) -> None:
    """List the tokens, also those made at the desk."""
    found = open_newsroom(context).admins.list_tokens()
    if as_json:
        print_json([asdict(each) for each in found])
        return
    if not found:
        say("No token yet.")
    print_table(
        ("name", "role", "made by", "last used (UTC)", "ends (UTC)"),
        [
            (each.name, each.role, each.maker, _time(each.used_at), _time(each.ends_at))
            for each in found
        ],
    )


@app.command("revoke")
def revoke(context: typer.Context, name: TokenName) -> None:
    """Revoke a token; its next request is refused."""
    revoked = open_newsroom(context).admins.revoke_named_token(name, by=terminal_user())
    say(f"Revoked {revoked}.")


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "-"
