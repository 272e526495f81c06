"""Forgetting a person (GDPR Article 17): only a keyed hash stays, so that no import mails them."""

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

    Their links end with them. False where the address was not known; it is suppressed all the
    same.
    """
    suppress(connection, keys, address, SuppressionReason.ERASED, now=now)
    # Subscriptions go with their person: the foreign key cascades.
    gone = connection.execute(delete(people).where(people.c.address_key == address.key))
    return gone.rowcount > 0
