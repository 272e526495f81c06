"""Sends the due deliveries of a frozen edition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from digest.composer.edition import edition_from_json
from digest.errors import Refused
from digest.letter.printing.message import Pieces
from digest.letter.writer import Addresser, LetterWriter
from digest.models import Delivery, DeliveryState, Message, StoredEdition
from digest.sender.attempt import Mailer
from digest.sender.request import RunReport, SendRequest
from digest.sender.run import run_edition
from digest.store import closing, variants
from digest.store.engine import Database


async def deliver(
    database: Database,
    stored: StoredEdition,
    writer: LetterWriter,
    *,
    keys: tuple[str, ...],
    open_mailer: Callable[[], Mailer],
    is_outbox: bool = False,
    connections: int,
    max_age: timedelta,
    clock: Callable[[], datetime],
    progress: Callable[[DeliveryState], None] = lambda _state: None,
    stop: asyncio.Event | None = None,
    grace_s: float = 30.0,
) -> RunReport:
    """Send the due deliveries of a frozen edition; finish the edition once no delivery is open.

    With `is_outbox` the mails only become files on this machine. If `stop` is given, the caller
    handles signals; `grace_s` seconds after it is set, unfinished handovers are abandoned.

    Raises:
        RelayError: no relay can be used; open deliveries stay open.
        StoreError: the ledger cannot be written; no mail was sent without a mark in it.
    """
    report = await run_edition(
        database,
        SendRequest(
            edition_id=stored.id,
            build=message_builder(database, stored, writer, keys=keys),
            open_mailer=open_mailer,
            is_outbox=is_outbox,
            connections=connections,
            max_age=max_age,
            grace_s=grace_s,
        ),
        clock=clock,
        progress=progress,
        stop=stop,
    )
    with database.write() as connection:
        closing.close_edition(connection, stored.id, now=clock())
    return report


def message_builder(
    database: Database, stored: StoredEdition, writer: LetterWriter, *, keys: tuple[str, ...]
) -> Callable[[Delivery], Message]:
    """Return the function that makes a delivery's message; one delivery always gives equal bytes.

    Raises:
        SubscriberError: the signing key that the edition was frozen with is no longer configured.
    """
    edition = edition_from_json(stored.snapshot)
    addresser = Addresser(writer, edition, stored.id, keys=keys, key_id=stored.key_id)

    @lru_cache(maxsize=64)
    def pieces_of(variant_id: int) -> Pieces:
        with database.read() as connection:
            pieces = variants.variant_pieces(connection, variant_id)
        if pieces is None:
            raise Refused(
                f"edition {stored.id}: it cannot be sent because its stored mails were deleted;"
                f" run `digest cancel {stored.id}`"
            )
        return Pieces.from_bytes(pieces)

    def build(delivery: Delivery) -> Message:
        return addresser.address(
            pieces_of(delivery.variant_id), delivery.recipient, delivery.not_before
        )

    return build
