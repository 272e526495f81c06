"""`digest deliveries`: the deliveries to one subscriber."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.door import open_newsroom
from digest.cli.options import JsonFlag
from digest.cli.output import print_json, print_table
from digest.models import shown_state

if TYPE_CHECKING:
    from digest.newsroom.deliveries import PastDelivery


def deliveries(
    context: typer.Context,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Mail address of the subscriber.")
    ],
    as_json: JsonFlag = False,
) -> None:
    """Show every delivery to one subscriber.

    Each row is one edition: its state, when, and the mail server's reply.

    Exit codes: 3 if there is no delivery to this subscriber.
    """
    found = open_newsroom(context).deliveries(address)
    if as_json:
        print_json([asdict(delivery) for delivery in found])
    else:
        print_table(
            ("edition", "newsletter", "due", "state", "time (UTC)", "reason and reply", "subject"),
            [_row(delivery) for delivery in found],
        )


def _row(delivery: PastDelivery) -> tuple[object, ...]:
    when = delivery.ended_at or delivery.next_at or delivery.not_before
    return (
        delivery.edition_id,
        f"{delivery.newsletter} No. {delivery.number}",
        delivery.local_at.replace("T", " "),
        shown_state(delivery.state),
        f"{when:%Y-%m-%d %H:%M:%S}",
        _reason_and_reply(delivery),
        delivery.subject,
    )


def _reason_and_reply(delivery: PastDelivery) -> str:
    reply = f"{delivery.reply_code} {delivery.reply_text}" if delivery.reply_code else ""
    return " ".join(word for word in (delivery.reason, reply) if word) or "-"
