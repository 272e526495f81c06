"""The subscribers' pages' view of the people in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.store.engine import Database
from digest.web.ports import SubscriberPage
from subscribers.addresses import mask_address
from subscribers.people import find_public_id, find_subscription, leave
from subscribers.preferences import Person, State, Subscription
from subscribers.tokens import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterFacts:
    """What the pages print of a newsletter."""

    title: str
    #: By name, in words, such as `Mondays at 07:00 (Europe/London)`; the first is for subscribers
    #: who chose none, or one that is gone.
    cadences: Mapping[str, str]

    def in_words(self, cadence: str) -> str:
        """Say when a subscriber's mail comes; empty where nothing is known of it."""
        return self.cadences.get(cadence) or next(iter(self.cadences.values()), "")


class StoredSubscribers:
    """Subscriptions as the database holds them."""

    def __init__(self, database: Database, newsletters: Mapping[str, NewsletterFacts]) -> None:
        """Take the database and what is printed of each newsletter, by its name.

        A short busy time-out is best here: leaving falls back to the journal, and a subscriber
        waits.
        """
        self._database = database
        self._newsletters = newsletters

    def find(self, link: Link) -> SubscriberPage | None:
        """Give the subscription of a link; None for one that is not there, or not any more."""
        with self._database.read() as connection:
            person = find_public_id(connection, link.public_id)
            if person is None:
                return None
            subscription = find_subscription(connection, person.id, link.newsletter)
        return self._page(person, subscription) if subscription else None

    def leave(self, link: Link, *, how: str, now: datetime) -> bool:
        """End the subscription; safe to repeat. False where there is none."""
        with self._database.write() as connection:
            person = find_public_id(connection, link.public_id)
            if person is None or not find_subscription(connection, person.id, link.newsletter):
                return False
            leave(connection, person.id, link.newsletter, how=how, now=now)
        return True

    def _page(self, person: Person, subscription: Subscription) -> SubscriberPage:
        name = subscription.newsletter
        # A newsletter that the configuration no longer names can still be left.
        facts = self._newsletters.get(name, NewsletterFacts(title=name, cadences={}))
        return SubscriberPage(
            newsletter=facts.title,
            masked_address=mask_address(person.address),
            is_active=subscription.state is State.CONFIRMED and not person.suppressed,
            left_at=subscription.left_at if subscription.state is State.LEFT else None,
            categories=subscription.preferences.categories,
            cadence=facts.in_words(subscription.preferences.cadence),
            joined_at=subscription.joined_at,
        )
