"""Shows subscriptions to the subscribers themselves, by the links in their mails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.newsroom.context import RunContext
from digest.newsroom.self_service.facts import NewsletterFacts, facts_of
from digest.store.engine import Database
from subscribers.addresses import mask_address
from subscribers.people import find_public_id, find_subscription
from subscribers.preferences import Person, State, Subscription
from subscribers.tokens import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPage:
    """One subscription, as shown to its subscriber."""

    #: The newsletter's title.
    newsletter: str
    #: The newsletter's name in the configuration.
    name: str
    #: BCP 47 tag: the subscriber's, else the newsletter's.
    language: str
    #: Like `a…@example.org`, because pages are also opened from forwarded mails.
    masked_address: str
    #: Whether mail is sent; False if the subscriber left, bounced or never confirmed.
    is_active: bool
    #: When the subscriber left, in the newsletter's zone; None if they did not.
    left_at: datetime | None
    #: The chosen categories; empty for all, including new ones.
    categories: tuple[str, ...]
    #: The cadence in words, such as `Mondays at 07:00 (Europe/London)`.
    cadence: str
    #: In the newsletter's zone, as its mails name it; None if only the day of an import is known.
    joined_at: datetime | None


class Subscriptions:
    """The subscriptions of links in mails."""

    def __init__(
        self, database: Callable[[], Database], newsletters: Mapping[str, NewsletterFacts]
    ) -> None:
        """Store the access to the data.

        Args:
            database: a function that returns the open database; a short busy timeout is best,
                because a subscriber waits.
            newsletters: the printed facts about each newsletter, by its name.
        """
        self._database = database
        self._newsletters = newsletters

    @classmethod
    def of(cls, context: RunContext) -> Subscriptions:
        """Return the subscriptions of an installation."""
        return cls(lambda: context.database, facts_of(context))

    @property
    def newsletters(self) -> tuple[NewsletterFacts, ...]:
        """The newsletters, in the order of the configuration."""
        return tuple(self._newsletters.values())

    def find(self, link: Link) -> SubscriptionPage | None:
        """Return the subscription of a link; None if it does not exist any more.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._database().read() as connection:
            person = find_public_id(connection, link.public_id)
            if person is None:
                return None
            subscription = find_subscription(connection, person.id, link.newsletter)
        return self._page(person, subscription) if subscription else None

    def _page(self, person: Person, subscription: Subscription) -> SubscriptionPage:
        name = subscription.newsletter
        # The newsletter of an old link may no longer be configured.
        facts = self._newsletters.get(name, NewsletterFacts(title=name, cadences={}))
        zone = ZoneInfo(facts.timezone)
        language = subscription.preferences.language or facts.language
        return SubscriptionPage(
            newsletter=facts.title,
            name=name,
            language=language,
            masked_address=mask_address(person.address),
            is_active=subscription.state is State.CONFIRMED and not person.suppressed,
            left_at=_in_zone(
                subscription.left_at if subscription.state is State.LEFT else None, zone
            ),
            categories=subscription.preferences.categories,
            cadence=facts.in_words(subscription.preferences.cadence, language),
            joined_at=_in_zone(
                subscription.joined_at if subscription.is_joined_known else None, zone
            ),
        )


def _in_zone(when: datetime | None, zone: ZoneInfo) -> datetime | None:
    return when.astimezone(zone) if when else None
