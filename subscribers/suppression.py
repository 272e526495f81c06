"""The list of addresses that must not be mailed, stored as keyed hashes.

Entries are kept when a person is erased, so that a later import cannot mail them. `people` has a
copy, written in the same transaction, so that one SQL statement can check it before each mail.
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


# Built once because an import runs it for every row.
_REASONS = select(suppressions.c.reason).where(
    suppressions.c.address_hash.in_(bindparam("hashes", expanding=True))
)


def hash_address(key: str, address: Address) -> str:
    """Return the keyed hash of an address: HMAC-SHA256, in hex."""
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
    """Suppress an address; a second reason is added to the first.

    Args:
        connection: a connection inside a transaction.
        keys: the secret keys, newest first; new hashes use the newest, the lookup uses all.
        address: the address; it may be unknown.
        reason: the reason to add.
        now: the current time.
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
    """Allow mail to an address again; return False if it was not suppressed."""
    hashes = _hashes(keys, address)
    gone = connection.execute(delete(suppressions).where(suppressions.c.address_hash.in_(hashes)))
    _mirror(connection, address, "")
    return gone.rowcount > 0


def is_suppressed(connection: Connection, keys: Sequence[str], address: Address) -> bool:
    """Return whether an address is suppressed, under any key."""
    return bool(find_reasons(connection, keys, address))


def find_reasons(connection: Connection, keys: Sequence[str], address: Address) -> tuple[str, ...]:
    """Return the reasons why an address is suppressed; empty if it is not."""
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
