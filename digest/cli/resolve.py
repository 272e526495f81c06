"""`digest resolve`: settle the mails that a crash left in doubt."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.door import open_newsroom, terminal_user
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName
from digest.cli.output import print_json, say
from digest.errors import UsageError


def resolve(
    context: typer.Context,
    edition: EditionNumber = None,
    newsletter: NewsletterName = "",
    resend: Annotated[
        bool, typer.Option("--resend", help="Send them again; some may arrive twice.")
    ] = False,
    assume_sent: Annotated[
        bool, typer.Option("--assume-sent", help="Count them as sent; some may be missing.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Settle an edition's `unknown` deliveries: content left, and no answer came.

    Exit 3: there are none.
    """
    if resend == assume_sent:
        raise UsageError("say either --resend or --assume-sent")
    desk = open_newsroom(context).newsletter_with(edition, newsletter)
    edition_id, count = desk.resolve(edition, resend=resend, by=terminal_user())
    if as_json:
        print_json({"edition": edition_id, "resolved": count, "resend": resend})
    elif resend:
        say(f"{count} go again, same Message-ID and bytes: run `digest send {edition_id}`.")
    else:
        say(f"{count} counted as sent.")
