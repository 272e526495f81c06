"""`digest resume`: let a paused edition go on."""

from __future__ import annotations

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.options import JsonFlag, NamedEdition
from digest.cli.output import print_json, say
from digest.models import EditionState


def resume(context: typer.Context, edition: NamedEdition, as_json: JsonFlag = False) -> None:
    """Let a paused edition go on where it stood; `digest run` or `digest send` sends the rest.

    For a draft that was held for its audience this is also the word that the audience is right.
    Exit 3: it is not paused.
    """
    desk = open_newsroom(context).newsletter_with(edition)
    state = desk.resume(edition, by=terminal_user()).state
    if as_json:
        print_json({"edition": edition, "state": state})
    elif state is EditionState.SENDING:
        say(f"Edition {edition} goes on: `digest run` sends the rest, or `digest send {edition}`.")
    else:
        say(f"Edition {edition} is a draft again ({state}).")
