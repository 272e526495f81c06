"""`digest deliveries`: what one person was sent."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, print_table

if TYPE_CHECKING:
    from digest.newsroom.deliveries import PastDelivery


def deliveries(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Whose mails.")],
    as_json: JsonFlag = False,
) -> None:
    """Show each edition that one person was sent: its state, the server's reply, and when.

    Exit 3: nothing was ever sent to them.
    """
    found = open_newsroom(context).deliveries(address)
    if as_json:
        print_json([asdict(delivery) for delivery in found])
    else:
        print_table(
            ("edition", "newsletter", "slot", "state", "when (UTC)", "what was said", "subject"),
            [_row(delivery) for delivery in found],
        )


def _row(delivery: PastDelivery) -> tuple[object, ...]:
    when = delivery.ended_at or delivery.next_at or delivery.not_before
    return (
        delivery.edition_id,
        f"{delivery.newsletter} No. {delivery.number}",
        delivery.local_at.replace("T", " "),
        delivery.state,
        f"{when:%Y-%m-%d %H:%M:%S}",
        _said(delivery),
        delivery.subject,
    )


def _said(delivery: PastDelivery) -> str:
    reply = f"{delivery.reply_code} {delivery.reply_text}" if delivery.reply_code else ""
    return " ".join(word for word in (delivery.reason, reply) if word) or "-"
