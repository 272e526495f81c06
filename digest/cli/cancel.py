"""`digest cancel`: give an edition up."""

from __future__ import annotations

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.options import JsonFlag, NamedEdition
from digest.cli.output import print_json, say


def cancel(context: typer.Context, edition: NamedEdition, as_json: JsonFlag = False) -> None:
    """Give an edition up: nothing more of it is sent, and its posts come with the next one.

    Who was sent it keeps it, and does not get its posts again. Exit 3: it is at its end already.
    """
    desk = open_newsroom(context).newsletter_with(edition)
    hold = desk.cancel(edition, by=terminal_user())
    if as_json:
        print_json(
            {
                "edition": edition,
                "state": hold.state,
                "given_up": hold.given_up,
                "sent": hold.sent,
            }
        )
    else:
        say(f"Edition {edition} is cancelled: {hold.sent} were sent, {hold.given_up} are given up.")
