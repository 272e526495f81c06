"""Lists the deliveries of one subscriber."""

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
    """Return the deliveries of one subscriber, one for each edition, newest first.

    Args:
        context: the installation's context.
        address: the subscriber's address.
        newsletter: the newsletter's name; None for all newsletters.

    Raises:
        SubscriberError: the address is not valid.
        UsageError: no subscriber has this address.
        NothingToDo: the subscriber has no delivery.
    """
    wanted = parse_address(address, allow_reserved=True)
    with context.database.read() as connection:
        person = find_person(connection, wanted)
        if person is None:
            raise UsageError(
                f"{address}: no subscriber has this address; see `digest subscribers export`"
            )
        found = deliveries_of(connection, person.id)
    mine = tuple(each for each in found if newsletter in (None, each.newsletter))
    if not mine:
        raise NothingToDo("nothing was sent to this subscriber yet; see `digest plan`")
    return mine
