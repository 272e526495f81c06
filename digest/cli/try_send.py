"""`digest test`: an edition to a few addresses, without touching the ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.loop import run
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, print_table
from digest.errors import ExitCode


def send_test(
    context: typer.Context,
    edition: Annotated[int, typer.Argument(help="Id of the edition; see `digest status`.")],
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS…", help="Where to.")],
    as_json: JsonFlag = False,
) -> None:
    """Send an edition to the given addresses, marked `[Test 14:02]`, its personal links dead.

    No delivery is recorded. Exit 1: an address was refused.
    """
    desk = open_newsroom(context).newsletter_with(edition)
    mails = run(desk.test(edition, addresses))
    rows = [(mail.address, mail.result, mail.reply) for mail in mails]
    if as_json:
        print_json([{"address": a, "result": result, "reply": reply} for a, result, reply in rows])
    else:
        print_table(("address", "result", "reply"), rows)
    if not all(mail.is_sent for mail in mails):
        raise typer.Exit(ExitCode.PROBLEMS)
