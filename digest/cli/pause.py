"""`digest pause`: hold an edition."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.app import App
from digest.cli.choose import named_edition
from digest.cli.options import JsonFlag, NamedEdition, config_path
from digest.cli.output import print_json, say
from digest.errors import NothingToDo
from digest.store import approvals, closing


def pause(
    context: typer.Context,
    edition: NamedEdition,
    reason: Annotated[str, typer.Option(help="Shown to who looks.")] = "by hand",
    as_json: JsonFlag = False,
) -> None:
    """Hold an edition: a draft is not sent, a send stops after the mails in hand.

    Exit 3: paused already, or at its end.
    """
    app = App.load(config_path(context))
    stored = named_edition(app, edition)
    with app.database.write() as connection:
        if not approvals.pause(connection, edition, reason):
            raise NothingToDo(f"edition {edition}: {stored.state} already")
        account = closing.read_accounting(connection, edition)
    if as_json:
        print_json({"edition": edition, "state": "paused", "reason": reason, "open": account.open})
    else:
        say(f"Edition {edition} is paused, {account.open} mails open: `digest resume {edition}`.")
