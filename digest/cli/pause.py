"""`digest pause`: pauses an edition."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag, NamedEdition
from digest.cli.output import print_json, say
from digest.text.counted import counted


def pause(
    context: typer.Context,
    edition: NamedEdition,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Reason, shown by `digest status`.")
    ] = "manual pause",
    as_json: JsonFlag = False,
) -> None:
    """Pause an edition: no mail is sent until you resume it.

    A send that is running finishes the mails it has started. A paused draft is not sent.

    Exit codes: 3 if the edition is already paused, finished or cancelled.
    """
    desk = open_newsroom(context).newsletter_with(edition)
    hold = desk.pause(edition, reason, by=terminal_user())
    if as_json:
        print_json({"edition": edition, "state": hold.state, "reason": reason, "open": hold.open})
    else:
        say(
            f"Edition {edition} is paused; {counted(hold.open, 'mail')} not yet sent."
            f" To continue, run `digest resume {edition}`."
        )
