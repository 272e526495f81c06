"""`digest resume`: let a paused edition go on."""

from __future__ import annotations

import typer

from digest.app import App
from digest.cli.choose import named_edition
from digest.cli.options import JsonFlag, NamedEdition, config_path
from digest.cli.output import print_json, say
from digest.errors import NothingToDo
from digest.models import EditionState
from digest.store import approvals


def resume(context: typer.Context, edition: NamedEdition, as_json: JsonFlag = False) -> None:
    """Let a paused edition go on where it stood; `digest run` or `digest send` sends the rest.

    For a draft that was held for its audience this is also the word that the audience is right.
    Exit 3: it is not paused.
    """
    app = App.load(config_path(context))
    stored = named_edition(app, edition)
    with app.database.write() as connection:
        if not approvals.resume(connection, edition):
            raise NothingToDo(f"edition {edition}: {stored.state}, not paused")
        approvals.accept_audience(connection, edition)
    state = named_edition(app, edition).state
    if as_json:
        print_json({"edition": edition, "state": state})
    elif state is EditionState.SENDING:
        say(f"Edition {edition} goes on: `digest run` sends the rest, or `digest send {edition}`.")
    else:
        say(f"Edition {edition} is a draft again ({state}).")
