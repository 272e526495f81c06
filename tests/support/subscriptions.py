"""Stores a subscription in any state, for tests that begin with it."""

from __future__ import annotations

from sqlalchemy import Connection, delete

from subscribers.people import subscribe
from subscribers.preferences import Subscription
from subscribers.tables import subscriptions


def put_subscription(connection: Connection, person_id: int, subscription: Subscription) -> None:
    """Store a subscription in place of the person's subscription to the same newsletter."""
    connection.execute(
        delete(subscriptions).where(
            subscriptions.c.person_id == person_id,
            subscriptions.c.newsletter == subscription.newsletter,
        )
    )
    subscribe(connection, person_id, subscription)
