"""`digest cancel`: give an edition up."""

from __future__ import annotations

import typer

from digest.app import App, utc_now
from digest.cli.choose import named_edition
from digest.cli.options import JsonFlag, NamedEdition, config_path
from digest.cli.output import print_json, say
from digest.errors import NothingToDo
from digest.store import approvals, closing


def cancel(context: typer.Context, edition: NamedEdition, as_json: JsonFlag = False) -> None:
    """Give an edition up: nothing more of it is sent, and its posts come with the next one.

    Who was sent it keeps it, and does not get its posts again. Exit 3: it is at its end already.
    """
    app = App.load(config_path(context))
    stored = named_edition(app, edition)
    with app.database.write() as connection:
        given_up = approvals.cancel(connection, edition, now=utc_now())
        if given_up is None:
            raise NothingToDo(f"edition {edition}: {stored.state} already")
        sent = closing.read_accounting(connection, edition).sent
    if as_json:
        print_json({"edition": edition, "state": "cancelled", "given_up": given_up, "sent": sent})
    else:
        say(f"Edition {edition} is cancelled: {sent} were sent, {given_up} are given up.")
