"""`digest cancel`: cancels an edition."""

from __future__ import annotations

import typer

from digest.app.user import terminal_user
from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag, NamedEdition
from digest.cli.output import print_json, say
from digest.text.counted import counted


def cancel(context: typer.Context, edition: NamedEdition, as_json: JsonFlag = False) -> None:
    """Cancel an edition; its posts go into the next one.

    No more mail of this edition is sent. Subscribers who already got it do not get its posts
    again.

    Exit codes: 3 if the edition is already finished or cancelled.
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
        say(
            f"Edition {edition} is cancelled: {counted(hold.sent, 'mail')} sent,"
            f" {hold.given_up} skipped."
        )
