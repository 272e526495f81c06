"""Finds the subscriber with an address, for a proof."""

from __future__ import annotations

from digest.errors import UsageError
from digest.newsroom import replay
from digest.newsroom.context import RunContext
from digest.newsroom.editions import named_edition
from subscribers.addresses import parse_address
from subscribers.errors import SubscriberError


def find_subscriber(context: RunContext, edition_id: int, address: str) -> str:
    """Return the key by which `open_edition` finds the subscriber with an address.

    Raises:
        UsageError: the edition does not exist, or its newsletter has no such subscriber.
    """
    try:
        parsed = parse_address(address.strip(), allow_reserved=True)
    except SubscriberError as error:
        raise UsageError(f"{error}; type a whole address, such as name@example.org") from error
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
        found = replay.find_subscriber(connection, stored.newsletter, parsed)
    return f"p{found.person.id}"
