"""The way back for a person who has left: it restores the subscription as it was.

A new sign-up asks for consent again; coming back does not, so it is limited: only the person's own
leaving of a confirmed subscription, a short time ago, and only if the address may be mailed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, update

from subscribers.preferences import Person, State, Subscription
from subscribers.tables import people, subscriptions

#: Later than this, only a new sign-up leads back.
RETURN_WITHIN = timedelta(days=30)

#: The ways in which people leave; an import or a complaint is none of them.
_OWN_WAYS = ("one-click", "page", "manual")


def can_return(person: Person, subscription: Subscription, *, now: datetime) -> bool:
    """Return whether `come_back` would restore a subscription."""
    return (
        subscription.state is State.LEFT
        and subscription.left_from is State.CONFIRMED
        and subscription.left_how in _OWN_WAYS
        and subscription.left_at is not None
        and subscription.left_at >= now - RETURN_WITHIN
        and not person.suppressed
    )


def come_back(connection: Connection, person_id: int, newsletter: str, *, now: datetime) -> bool:
    """Restore a subscription that its person ended; return False if it cannot be restored.

    Choices, consent and window do not change. One statement checks and restores, so that a
    complaint or a suppression at the same moment is not undone.
    """
    left = subscriptions.c
    changed = connection.execute(
        update(subscriptions)
        .where(
            left.person_id == person_id,
            left.newsletter == newsletter,
            left.state == State.LEFT,
            left.left_from == State.CONFIRMED,
            left.left_how.in_(_OWN_WAYS),
            left.left_at >= now - RETURN_WITHIN,
            exists().where(people.c.id == person_id, people.c.suppressed == ""),
        )
        .values(state=State.CONFIRMED, left_at=None, left_how="", left_from="", left_reason="")
    )
    return changed.rowcount > 0
