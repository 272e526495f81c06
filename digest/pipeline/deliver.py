"""From the ledger to the inboxes."""

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
    connections: int,
    max_age: timedelta,
    clock: Callable[[], datetime],
    progress: Callable[[DeliveryState], None] = lambda _state: None,
    stop: asyncio.Event | None = None,
    grace_s: float = 30.0,
) -> RunReport:
    """Send what is due of a frozen edition, and close it when every row has ended.

    With `stop` signals are the caller's affair; `grace_s` later what is in hand is given up.

    Raises:
        RelayError: no relay serves; open rows stay open.
        StoreError: the ledger cannot be written; nothing was sent without its mark.
    """
    report = await run_edition(
        database,
        SendRequest(
            edition_id=stored.id,
            build=message_builder(database, stored, writer, keys=keys),
            open_mailer=open_mailer,
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
    """Give what makes a row's message; the same row gives the same bytes.

    Raises:
        SubscriberError: the key that the edition was frozen with is not listed any more.
    """
    edition = edition_from_json(stored.snapshot)
    addresser = Addresser(writer, edition, stored.id, keys=keys, key_id=stored.key_id)

    @lru_cache(maxsize=64)
    def pieces_of(variant_id: int) -> Pieces:
        with database.read() as connection:
            pieces = variants.variant_pieces(connection, variant_id)
        if pieces is None:
            raise Refused(f"edition {stored.id}: its stored mail was purged; it cannot be sent")
        return Pieces.from_bytes(pieces)

    def build(delivery: Delivery) -> Message:
        return addresser.address(
            pieces_of(delivery.variant_id), delivery.recipient, delivery.not_before
        )

    return build
