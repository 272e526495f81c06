"""What one person was sent."""

from __future__ import annotations

from digest.errors import NothingToDo, UsageError
from digest.newsroom.context import RunContext
from digest.store.history import PastDelivery, deliveries_of
from subscribers.addresses import parse_address
from subscribers.people import find_person

__all__ = ["PastDelivery", "read_deliveries"]


def read_deliveries(
    context: RunContext, address: str, newsletter: str | None = None
) -> tuple[PastDelivery, ...]:
    """Return each edition that one person was sent, newest first.

    Args:
        context: the installation.
        address: whose mails.
        newsletter: only those of this one; None: of all.

    Raises:
        SubscriberError: the address is not valid.
        UsageError: no subscriber has it.
        NothingToDo: nothing was ever sent to them.
    """
    wanted = parse_address(address, allow_reserved=True)
    with context.database.read() as connection:
        person = find_person(connection, wanted)
        if person is None:
            raise UsageError(f"{address}: nobody of that address; see `digest subscribers`")
        found = deliveries_of(connection, person.id)
    mine = tuple(each for each in found if newsletter in (None, each.newsletter))
    if not mine:
        raise NothingToDo(f"{address}: nothing was sent yet")
    return mine
