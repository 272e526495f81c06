"""The list of addresses that must never be mailed, kept as keyed hashes.

It outlives the person's own rows: erasing somebody must not make them importable again. `people`
mirrors it in the same transaction, so that one SQL statement can ask before each mail.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from subscribers.addresses import Address
from subscribers.tables import people, suppressions
from subscribers.tokens import key_id


class SuppressionReason(StrEnum):
    """Why an address must not be mailed."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    MANUAL = "manual"
    ERASED = "erased"


# Asked for every row of an import, so it is built once.
_REASONS = select(suppressions.c.reason).where(
    suppressions.c.address_hash.in_(bindparam("hashes", expanding=True))
)


def hash_address(key: str, address: Address) -> str:
    """Give the keyed hash of a mailbox: HMAC-SHA256, in hex."""
    message = f"suppression\0{address.key}".encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def suppress(
    connection: Connection,
    keys: Sequence[str],
    address: Address,
    reason: SuppressionReason,
    *,
    now: datetime,
) -> None:
    """Stop all mail to an address; a further reason joins the ones there are.

    Args:
        connection: inside a transaction.
        keys: newest first; the newest hashes, all are looked under.
        address: need not belong to a known person.
        reason: why.
        now: for the record.
    """
    known = find_reasons(connection, keys, address)
    reasons = ",".join(sorted({*known, reason}))
    if known:
        _write_reasons(connection, keys, address, reasons)
    else:
        connection.execute(
            insert(suppressions).values(
                address_hash=hash_address(keys[0], address),
                key_id=key_id(keys[0]),
                reason=reasons,
                created_at=now,
            )
        )
    _mirror(connection, address, reasons)


def unsuppress(connection: Connection, keys: Sequence[str], address: Address) -> bool:
    """Let mail to an address pass again; False where it was not suppressed."""
    hashes = _hashes(keys, address)
    gone = connection.execute(delete(suppressions).where(suppressions.c.address_hash.in_(hashes)))
    _mirror(connection, address, "")
    return gone.rowcount > 0


def is_suppressed(connection: Connection, keys: Sequence[str], address: Address) -> bool:
    """Whether an address is on the list, under any key."""
    return bool(find_reasons(connection, keys, address))


def find_reasons(connection: Connection, keys: Sequence[str], address: Address) -> tuple[str, ...]:
    """Give why an address is suppressed; empty where it is not."""
    found = connection.execute(_REASONS, {"hashes": _hashes(keys, address)}).scalars()
    return tuple(sorted({reason for joined in found for reason in joined.split(",")}))


def _hashes(keys: Sequence[str], address: Address) -> list[str]:
    return [hash_address(key, address) for key in keys]


def _write_reasons(
    connection: Connection, keys: Sequence[str], address: Address, reasons: str
) -> None:
    connection.execute(
        update(suppressions)
        .where(suppressions.c.address_hash.in_(_hashes(keys, address)))
        .values(reason=reasons)
    )


def _mirror(connection: Connection, address: Address, reasons: str) -> None:
    connection.execute(
        update(people).where(people.c.address_key == address.key).values(suppressed=reasons)
    )
