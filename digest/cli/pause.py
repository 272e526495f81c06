"""`digest pause`: hold an edition."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.options import JsonFlag, NamedEdition
from digest.cli.output import print_json, say


def pause(
    context: typer.Context,
    edition: NamedEdition,
    reason: Annotated[str, typer.Option(help="Shown to who looks.")] = "by hand",
    as_json: JsonFlag = False,
) -> None:
    """Hold an edition: a draft is not sent, a send stops after the mails in hand.

    Exit 3: paused already, or at its end.
    """
    desk = open_newsroom(context).newsletter_with(edition)
    hold = desk.pause(edition, reason, by=terminal_user())
    if as_json:
        print_json({"edition": edition, "state": hold.state, "reason": reason, "open": hold.open})
    else:
        say(f"Edition {edition} is paused, {hold.open} mails open: `digest resume {edition}`.")
