"""`digest resume`: resumes a paused edition."""

from __future__ import annotations

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag, NamedEdition
from digest.cli.output import print_json, say
from digest.models import EditionState


def resume(context: typer.Context, edition: NamedEdition, as_json: JsonFlag = False) -> None:
    """Resume a paused edition.

    `digest run` or `digest send` then sends the remaining mails. If a draft was paused because
    its audience changed too much, resuming it also confirms the audience.

    Exit codes: 3 if the edition is not paused.
    """
    desk = open_newsroom(context).newsletter_with(edition)
    state = desk.resume(edition, by=terminal_user()).state
    if as_json:
        print_json({"edition": edition, "state": state})
    elif state is EditionState.SENDING:
        say(
            f"Edition {edition} is resumed: `digest run` sends the remaining mails,"
            f" or run `digest send {edition}`."
        )
    else:
        say(f"Edition {edition} is resumed, not sent yet ({state}).")
