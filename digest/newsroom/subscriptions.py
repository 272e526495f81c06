"""Subscriptions as their own subscribers see and end them, by the links of their mails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.errors import StoreError
from digest.models import SUBSCRIBER, AuditEntry
from digest.newsroom.context import RunContext
from digest.scheduler.slots import in_words
from digest.store.audit import add_entry
from digest.store.engine import Database
from subscribers.addresses import mask_address
from subscribers.leavings import LeaveJournal, Leaving
from subscribers.people import find_public_id, find_subscription, leave
from subscribers.preferences import Person, State, Subscription
from subscribers.tokens import Link

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterFacts:
    """What the pages print of a newsletter."""

    title: str
    #: By name, in words, such as `Mondays at 07:00 (Europe/London)`; the first is for subscribers
    #: who chose none, or one that is gone.
    cadences: Mapping[str, str]

    def in_words(self, cadence: str) -> str:
        """Return when a subscriber's mail comes; empty if nothing is known of it."""
        return self.cadences.get(cadence) or next(iter(self.cadences.values()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPage:
    """One subscription, as its subscriber sees it."""

    #: The newsletter's name as printed.
    newsletter: str
    #: Like `a…@example.org`: pages are opened from forwarded mails too.
    masked_address: str
    #: Whether mail is sent; False for one who left, bounced or never confirmed.
    is_active: bool
    #: When they left; None for one who did not.
    left_at: datetime | None
    #: Empty: all sections, new ones too.
    categories: tuple[str, ...]
    #: In words, such as `Mondays at 07:00 (Europe/London)`.
    cadence: str
    joined_at: datetime


class Subscriptions:
    """The subscriptions that links name.

    Leaving never fails for a database that cannot be written: the journal takes it until the
    database can.
    """

    def __init__(
        self,
        database: Callable[[], Database],
        journal: LeaveJournal,
        newsletters: Mapping[str, NewsletterFacts],
    ) -> None:
        """Take the ways to the data.

        Args:
            database: opens it, or returns the open one; a short busy time-out is best here,
                because a subscriber waits.
            journal: keeps leavings that the database could not take.
            newsletters: what is printed of each newsletter, by its name.
        """
        self._database = database
        self._journal = journal
        self._newsletters = newsletters

    @classmethod
    def of(cls, context: RunContext) -> Subscriptions:
        """Return those of an installation."""
        return cls(lambda: context.database, context.journal, _facts_of(context))

    def find(self, link: Link) -> SubscriptionPage | None:
        """Return the subscription of a link; None if it does not exist any more.

        Raises:
            StoreError: the database cannot serve.
        """
        with self._database().read() as connection:
            person = find_public_id(connection, link.public_id)
            if person is None:
                return None
            subscription = find_subscription(connection, person.id, link.newsletter)
        return self._page(person, subscription) if subscription else None

    def leave(self, leaving: Leaving) -> bool:
        """End a subscription, or keep the wish in the journal; False if there is none to end.

        Raises:
            StoreError: neither the database nor the journal could take it.
        """
        try:
            return self._leave(leaving)
        except StoreError as error:
            _log.warning("a subscriber's leaving waits in the journal: %s", error)
        try:
            self._journal.append(leaving)
        except OSError as error:
            raise StoreError(f"the journal of leavings cannot be written: {error}") from error
        return True

    def take_leavings(self) -> int:
        """Write the leavings of the journal into the database; 0 while it cannot serve."""
        try:
            return self._journal.replay(self._leave)
        except (StoreError, OSError) as error:
            # The file keeps them all; the next round tries again.
            _log.warning("leavings wait in the journal: %s", error)
            return 0

    def _leave(self, leaving: Leaving) -> bool:
        link = leaving.link
        with self._database().write() as connection:
            person = find_public_id(connection, link.public_id)
            if person is None or not find_subscription(connection, person.id, link.newsletter):
                return False
            if leave(connection, person.id, link.newsletter, how=leaving.how, now=leaving.at):
                add_entry(
                    connection,
                    AuditEntry(
                        at=leaving.at,
                        actor=SUBSCRIBER.name,
                        action="leave",
                        newsletter=link.newsletter,
                        detail=leaving.how,
                    ),
                )
        return True

    def _page(self, person: Person, subscription: Subscription) -> SubscriptionPage:
        name = subscription.newsletter
        # A newsletter that the configuration no longer names can still be left.
        facts = self._newsletters.get(name, NewsletterFacts(title=name, cadences={}))
        return SubscriptionPage(
            newsletter=facts.title,
            masked_address=mask_address(person.address),
            is_active=subscription.state is State.CONFIRMED and not person.suppressed,
            left_at=subscription.left_at if subscription.state is State.LEFT else None,
            categories=subscription.preferences.categories,
            cadence=facts.in_words(subscription.preferences.cadence),
            joined_at=subscription.joined_at,
        )


def _facts_of(context: RunContext) -> dict[str, NewsletterFacts]:
    return {
        each.name: NewsletterFacts(
            title=each.title,
            cadences={
                cadence.name: f"{in_words(cadence.settings.schedule)}"
                f" ({'your time zone' if cadence.settings.is_local else each.timezone})"
                for cadence in each.cadences
            },
        )
        for each in context.newsletters
    }
