"""`digest resolve`: settle the mails that a crash left in doubt."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import Connection

from digest.app import App, utc_now
from digest.cli.options import EditionNumber, JsonFlag, NewsletterName, config_path
from digest.cli.output import print_json, say
from digest.errors import NothingToDo, UsageError
from digest.models import EditionState
from digest.store import closing, editions


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
    app = App.load(config_path(context))
    with app.database.write() as connection:
        edition_id = edition or _newest(app, connection, newsletter)
        if resend:
            count = closing.resend_unknown(connection, edition_id)
        else:
            count = closing.assume_sent(connection, edition_id)
            closing.close_edition(connection, edition_id, now=utc_now())
    if count == 0:
        raise NothingToDo(f"edition {edition_id}: nothing is in doubt")
    if as_json:
        print_json({"edition": edition_id, "resolved": count, "resend": resend})
    elif resend:
        say(f"{count} go again, same Message-ID and bytes: run `digest send {edition_id}`.")
    else:
        say(f"{count} counted as sent.")


def _newest(app: App, connection: Connection, newsletter: str) -> int:
    states = (EditionState.SENDING, EditionState.PAUSED, EditionState.FINISHED)
    name = app.newsletter(newsletter).name
    found = editions.newest_edition(connection, name, states)
    if found is None:
        raise NothingToDo(f"newsletter {name}: no edition was sent yet")
    return found.id
