"""Sends the due deliveries of a frozen edition."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from digest.errors import CorruptStoreError, Refused, RelayError, RelayRefusal, RelaySetupError
from digest.letter.addresser import Addresser, MailIdentity
from digest.letter.printing.message import Pieces
from digest.models import Delivery, Message, Progress, StoredEdition
from digest.sender.canary import Canary
from digest.sender.relays import Relays
from digest.sender.request import RunReport, SendRequest
from digest.sender.retry import retry_wait
from digest.sender.run import run_edition
from digest.sender.work import Mailer
from digest.store import closing, editions, variants
from digest.store.engine import Connection, Database


async def deliver(
    database: Database,
    stored: StoredEdition,
    identity: MailIdentity,
    *,
    keys: tuple[str, ...],
    open_mailer: Callable[[], Mailer],
    relays: Relays | None,
    canary: Canary | None = None,
    guard: Callable[[], object] = lambda: None,
    max_age: timedelta,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
    stop: asyncio.Event | None = None,
    grace_s: float = 30.0,
    before_marks: Callable[[], object] = lambda: None,
) -> RunReport:
    """Send the due deliveries of a frozen edition; finish the edition once no delivery is open.

    Without `relays` the mails only become files on this machine. If `stop` is given, the caller
    handles signals; `grace_s` seconds after it is set, unfinished handovers are abandoned. What the
    relay refused is stored with the edition; after a stop, also when `digest run` tries again.

    Raises:
        RelayError: no relay can be used, or it accepts nothing; open deliveries stay open.
        StoreError: the ledger cannot be written; no mail was sent without a mark in it.
    """
    request = SendRequest(
        edition_id=stored.id,
        build=message_builder(database, stored, identity, keys=keys),
        open_mailer=open_mailer,
        relays=relays,
        canary=canary,
        guard=guard,
        max_age=max_age,
        grace_s=grace_s,
        before_marks=before_marks,
    )
    try:
        report = await run_edition(database, request, clock=clock, progress=progress, stop=stop)
    except RelayError as error:
        _end(database, stored, error, now=clock(), max_age=max_age)
        raise
    _end(database, stored, report.trouble, now=clock(), max_age=max_age, sent=report.sent)
    return report


def _end(
    database: Database,
    stored: StoredEdition,
    error: RelayError | None,
    *,
    now: datetime,
    max_age: timedelta,
    sent: int = 0,
) -> None:
    """Store how a run ended, and finish the edition if no delivery is open."""
    with database.write() as connection:
        if error is not None or sent:
            _note(connection, stored.id, error, now=now, sent=sent)
        if isinstance(error, RelayRefusal) and error.is_stop:
            closing.expire_rest(connection, stored.id, before=now - max_age, now=now)
        closing.close_edition(connection, stored.id, now=now)


def _note(
    connection: Connection, edition_id: int, error: RelayError | None, *, now: datetime, sent: int
) -> None:
    """Store a relay's error with the edition; a stop also with the time of the next try.

    A relay that is down is tried again at every tick; one that refuses us, or the configuration,
    by the steps of a refused mail.
    """
    stops, retry_at = 0, None
    is_refusal = isinstance(error, RelayRefusal) and error.is_stop
    if is_refusal or isinstance(error, RelaySetupError):
        found = editions.get_edition(connection, edition_id)
        stops = 1 if sent or found is None else found.stops + 1
        retry_at = now + retry_wait(edition_id, stops)
    reason = str(error) if error else ""
    editions.note_trouble(connection, edition_id, reason, stops=stops, retry_at=retry_at)


def message_builder(
    database: Database, stored: StoredEdition, identity: MailIdentity, *, keys: tuple[str, ...]
) -> Callable[[Delivery], Message]:
    """Return the function that makes a delivery's message; one delivery always gives equal bytes.

    The sender and the links are those that the edition was frozen with.

    Raises:
        CorruptStoreError: the stored text of the edition is damaged.
        SubscriberError: the signing key that the edition was frozen with is no longer configured.
    """
    language, timezone = _place_of(stored)
    addresser = Addresser(
        identity.as_frozen(stored.sender, stored.identity),
        stored.id,
        newsletter=stored.newsletter,
        language=language,
        timezone=timezone,
        keys=keys,
        key_id=stored.key_id,
    )

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
        try:
            return addresser.address(
                pieces_of(delivery.variant_id), delivery.recipient, delivery.not_before
            )
        except (TypeError, ValueError) as error:
            raise CorruptStoreError(
                f"edition {stored.id}: the stored text of a mail is damaged ({error}); restore a"
                " backup of the database"
            ) from error

    return build


def _place_of(stored: StoredEdition) -> tuple[str, str]:
    """Return an edition's language and time zone.

    Read without the composer, which a send does not need and which is slow to load.
    """
    try:
        snapshot = json.loads(stored.snapshot)
        return str(snapshot["language"]), str(snapshot["timezone"])
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptStoreError(
            f"edition {stored.id}: its stored text is damaged; restore a backup of the database"
        ) from error
