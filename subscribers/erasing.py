"""Erases a person (GDPR Article 17); a keyed hash stays, so that an import cannot mail them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete

from subscribers.addresses import Address
from subscribers.suppression import SuppressionReason, suppress
from subscribers.tables import people


def erase_person(
    connection: Connection, keys: Sequence[str], address: Address, *, now: datetime
) -> bool:
    """Delete a person with all subscriptions and suppress the address.

    The person's links stop working.

    Returns:
        False if the address was not known; it is suppressed in any case.
    """
    suppress(connection, keys, address, SuppressionReason.ERASED, now=now)
    # The foreign key cascades, so the subscriptions are deleted too.
    gone = connection.execute(delete(people).where(people.c.address_key == address.key))
    return gone.rowcount > 0
