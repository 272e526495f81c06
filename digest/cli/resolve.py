"""`digest resolve`: settles the deliveries that a crash left unknown."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName
from digest.cli.output import print_json, say
from digest.errors import UsageError
from digest.text.counted import counted


def resolve(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    resend: Annotated[
        bool, typer.Option("--resend", help="Send them again. Some may arrive twice.")
    ] = False,
    assume_sent: Annotated[
        bool, typer.Option("--assume-sent", help="Count them as sent. Some may be missing.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Settle the unknown deliveries of an edition.

    An unknown delivery was sent, but the server never answered. Use --resend or --assume-sent.

    Exit codes: 3 if there are no unknown deliveries.
    """
    if resend == assume_sent:
        raise UsageError("give one of --resend and --assume-sent")
    desk = open_newsroom(context).newsletter_with(edition, newsletter)
    edition_id, count = desk.resolve(edition, resend=resend, by=terminal_user())
    if as_json:
        print_json({"edition": edition_id, "resolved": count, "resend": resend})
    elif resend:
        say(
            f"{counted(count, 'mail')} will be sent again with the same Message-ID and content:"
            f" run `digest send {edition_id}`."
        )
    else:
        say(f"{counted(count, 'mail')} counted as sent.")
