"""Finds the subscriber with an address, for a proof."""

from __future__ import annotations

from digest.errors import UsageError
from digest.newsroom import replay
from digest.newsroom.context import RunContext
from subscribers.addresses import parse_address
from subscribers.errors import SubscriberError


def find_subscriber(context: RunContext, newsletter: str, address: str) -> str:
    """Return the key by which `open_edition` and `open_week` find the subscriber with an address.

    Raises:
        UsageError: the newsletter does not exist, or has no such subscriber.
    """
    try:
        parsed = parse_address(address.strip(), allow_reserved=True)
    except SubscriberError as error:
        raise UsageError(f"{error}; type a whole address, such as name@example.org") from error
    name = context.newsletter_of(newsletter).name
    with context.database.read() as connection:
        found = replay.find_subscriber(connection, name, parsed)
    return f"p{found.person.id}"
