"""`digest test`: an edition to a few addresses, without touching the ledger."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from digest.app import App, utc_now
from digest.app.printing import letter_writer_of
from digest.app.sending import mailers_of
from digest.cli.choose import visible_edition
from digest.cli.loop import run
from digest.cli.options import JsonFlag, config_path
from digest.cli.output import print_json, print_table
from digest.errors import ExitCode, NothingToDo
from digest.models import Message
from digest.newsroom.replay import draft_as_sent
from digest.pipeline.distribution import general_rule, variant_for
from digest.sender.attempt import Attempt, Fate, Mailer
from subscribers.addresses import mask_address, parse_address


def send_test(
    context: typer.Context,
    edition: Annotated[int, typer.Argument(help="Id of the edition; see `digest status`.")],
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS…", help="Where to.")],
    as_json: JsonFlag = False,
) -> None:
    """Send an edition to the given addresses, marked `[Test 14:02]`, its personal links dead.

    No delivery is recorded. Exit 1: an address was refused.
    """
    app = App.load(config_path(context))
    wanted = [parse_address(text, allow_reserved=app.is_development) for text in addresses]
    messages = _write(app, edition, [address.address for address in wanted])
    attempts = run(_send(mailers_of(app.config)(), messages))
    rows = [
        (mask_address(message.recipient), attempt.fate, _said(attempt))
        for message, attempt in zip(messages, attempts, strict=True)
    ]
    if as_json:
        print_json([{"address": a, "result": fate, "reply": said} for a, fate, said in rows])
    else:
        print_table(("address", "result", "reply"), rows)
    if any(attempt.fate is not Fate.SENT for attempt in attempts):
        raise typer.Exit(ExitCode.PROBLEMS)


def _write(app: App, edition_id: int, addresses: list[str]) -> list[Message]:
    stored = visible_edition(app, edition_id, "")
    writer, now = letter_writer_of(app, app.newsletter(stored.newsletter)), utc_now()
    with app.database.read() as connection:
        edition = draft_as_sent(connection, stored, writer, now=now)
    variant = variant_for(edition, general_rule(edition))
    if variant is None:
        raise NothingToDo(f"edition {edition_id}: it has no stories")
    local = now.astimezone(ZoneInfo(edition.timezone))
    # The mark keeps mail programs from folding tests into one thread with the real mail.
    marked = replace(variant, subject=f"[Test {local:%H:%M}] {variant.subject}")
    pieces = writer.write(edition, marked).pieces
    return [
        writer.sample(pieces, address, number=secrets.token_hex(10), now=now)
        for address in addresses
    ]


async def _send(mailer: Mailer, messages: list[Message]) -> list[Attempt]:
    async def go() -> bool:
        return True

    await mailer.open()
    try:
        return [await mailer.deliver(message, go) for message in messages]
    finally:
        await mailer.close()


def _said(attempt: Attempt) -> str:
    if attempt.reply is not None:
        return f"{attempt.reply.code} {attempt.reply.text}"
    return attempt.reason
