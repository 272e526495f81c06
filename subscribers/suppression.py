"""The list of addresses that must not be mailed, stored as keyed hashes.

Entries are kept when a person is erased, so that a later import cannot mail them. `people` has a
copy, written in the same transaction, so that one SQL statement can check it before each mail.
"""

from __future__ import annotations

import hmac
import itertools
from collections.abc import Iterable, Mapping, Sequence
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


_REASONS = select(suppressions.c.address_hash, suppressions.c.reason).where(
    suppressions.c.address_hash.in_(bindparam("hashes", expanding=True))
)
_ADD = insert(suppressions)
_MIRROR = (
    update(people)
    .where(people.c.address_key == bindparam("key"))
    .values(suppressed=bindparam("reasons"))
)
#: Hashes in one lookup; SQLite accepts 32,766 values in one statement.
_HASHES = 5000


def hash_address(key: str, address: Address) -> str:
    """Return the keyed hash of an address: HMAC-SHA256, in hex."""
    message = f"suppression\0{address.key}".encode()
    return hmac.digest(key.encode(), message, "sha256").hex()


def suppress(
    connection: Connection,
    keys: Sequence[str],
    address: Address,
    reason: SuppressionReason,
    *,
    now: datetime,
) -> bool:
    """Suppress an address; a second reason is added to the first.

    Args:
        connection: a connection inside a transaction.
        keys: the secret keys, newest first; new hashes use the newest, the lookup uses all.
        address: the address; it may be unknown.
        reason: the reason to add.
        now: the current time.

    Returns:
        Whether it was not suppressed before.
    """
    return bool(suppress_many(connection, keys, {address: (reason,)}, now=now))


def suppress_many(
    connection: Connection,
    keys: Sequence[str],
    wanted: Mapping[Address, Iterable[SuppressionReason]],
    *,
    now: datetime,
) -> set[str]:
    """Suppress addresses, each for its reasons; return the keys of those not suppressed before.

    The other arguments are those of `suppress`. Two addresses never have the same key.
    """
    known = find_many_reasons(connection, keys, wanted)
    joined = {
        address: ",".join(sorted({*known.get(address.key, ()), *reasons}))
        for address, reasons in wanted.items()
    }
    new = [address for address in wanted if address.key not in known]
    if new:
        newest = key_id(keys[0])
        rows = [
            {
                "address_hash": hash_address(keys[0], address),
                "key_id": newest,
                "reason": joined[address],
                "created_at": now,
            }
            for address in new
        ]
        connection.execute(_ADD, rows)
    for address in wanted:
        if address.key in known:
            _write_reasons(connection, keys, address, joined[address])
    if joined:
        rows = [{"key": each.key, "reasons": reasons} for each, reasons in joined.items()]
        connection.execute(_MIRROR, rows)
    return {address.key for address in new}


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
    return tuple(sorted(find_many_reasons(connection, keys, (address,)).get(address.key, ())))


def find_many_reasons(
    connection: Connection, keys: Sequence[str], addresses: Iterable[Address]
) -> dict[str, frozenset[str]]:
    """Return the reasons of those addresses that are suppressed, by address key."""
    owners = {hashed: address.key for address in addresses for hashed in _hashes(keys, address)}
    found: dict[str, frozenset[str]] = {}
    hashes = iter(owners)
    while some := list(itertools.islice(hashes, _HASHES)):
        for row in connection.execute(_REASONS, {"hashes": some}):
            owner = owners[row.address_hash]
            found[owner] = found.get(owner, frozenset()).union(row.reason.split(","))
    return found


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
    connection.execute(_MIRROR, {"key": address.key, "reasons": reasons})
