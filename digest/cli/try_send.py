"""`digest test`: sends an edition to test addresses and records no delivery."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.loop import run
from digest.cli.options import JsonFlag, NamedEdition
from digest.cli.output import print_json, print_table
from digest.errors import ExitCode


def send_test(
    context: typer.Context,
    edition: NamedEdition,
    addresses: Annotated[
        list[str], typer.Argument(metavar="ADDRESS", help="Test address. Repeatable.")
    ],
    as_json: JsonFlag = False,
) -> None:
    """Send an edition to the given test addresses only.

    The subject starts with `[Test 14:02]` (the time) and the personal links do not work. No
    delivery is recorded.

    Exit codes: 1 if a mail was not sent.
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
