"""`digest admin`: the accounts of the desk."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from digest.app.user import terminal_user
from digest.cli import admin_tokens
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, print_table, say
from digest.models.admins import Role
from digest.text.counted import counted

app = typer.Typer(help="Manage who may sign in at the desk or use the API.", no_args_is_help=True)
app.add_typer(admin_tokens.app, name="token")

AccountName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the account.")]
RoleOption = Annotated[
    Role,
    typer.Option(
        metavar="ROLE",
        help="viewer: see; editor: also change, compose, test and count; approver: also approve and"
        " cancel; ops: see, send, pause, resume, resolve, feeds, people, import and count.",
    ),
]
NoPassword = Annotated[
    bool,
    typer.Option("--no-password", help="Let it sign in through a trusted proxy only."),
]


@app.command("add")
def add(
    context: typer.Context, name: AccountName, role: RoleOption, no_password: NoPassword = False
) -> None:
    """Make an account; its password is asked for twice.

    With the first account the desk asks everybody to sign in, and may serve other machines.
    """
    admins = open_newsroom(context).admins
    wanted = admins.check_name(name, is_new=True)
    account = admins.add(wanted, role, None if no_password else _ask_password(), by=terminal_user())
    say(f"Added {account.name} as {account.role}.")


@app.command("list")
def list_accounts(context: typer.Context, as_json: JsonFlag = False) -> None:
    """List the accounts."""
    found = open_newsroom(context).admins.list()
    if as_json:
        print_json([{**asdict(each.account), "sessions": each.sessions} for each in found])
        return
    if not found:
        say("No account yet: the desk serves this machine only, without signing in.")
    print_table(
        ("name", "role", "password", "last sign-in (UTC)", "sessions"),
        [
            (
                each.account.name,
                each.account.role,
                "yes" if each.account.has_password else "no",
                f"{each.account.signed_in_at:%Y-%m-%d %H:%M}" if each.account.signed_in_at else "-",
                each.sessions,
            )
            for each in found
        ],
    )


@app.command("role")
def set_role(context: typer.Context, name: AccountName, role: RoleOption) -> None:
    """Change the role of an account, also for its open sessions."""
    account = open_newsroom(context).admins.set_role(name, role, by=terminal_user())
    say(f"{account.name} is {account.role} now.")


@app.command("password")
def set_password(
    context: typer.Context, name: AccountName, no_password: NoPassword = False
) -> None:
    """Change the password of an account and end its sessions."""
    admins = open_newsroom(context).admins
    known = admins.check_name(name, is_new=False)
    ended = admins.set_password(known, None if no_password else _ask_password(), by=terminal_user())
    what = "has no password now" if no_password else "has a new password"
    say(f"{known} {what}; {counted(ended, 'session')} ended.")


@app.command("remove")
def remove(context: typer.Context, name: AccountName) -> None:
    """Remove an account with its tokens and sessions."""
    left = open_newsroom(context).admins.remove(name, by=terminal_user())
    say(f"Removed {name}.")
    if not left:
        say("No account is left: the desk serves this machine only, without signing in.")


def _ask_password() -> str:
    """Ask for a password twice, without showing it."""
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt="Once more")
    return answer
