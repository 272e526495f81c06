"""The page to leave: what it shows, and what it offers in place of leaving and after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from digest.errors import StoreError
from digest.models import EventKind
from digest.newsroom.context import RunContext
from digest.newsroom.copied import find_journal
from digest.newsroom.self_service.facts import NewsletterFacts, facts_of
from digest.newsroom.self_service.leaving import Leavings, record_choice
from digest.scheduler.slots import Schedule
from digest.store.engine import Connection, Database
from digest.store.events import add_subscriber_event
from subscribers.addresses import mask_address
from subscribers.leavings import LeaveJournal, Leaving
from subscribers.people import find_public_id, find_subscription, list_subscriptions
from subscribers.preferences import Person, State, Subscription
from subscribers.reasons import Reason, dump_reason, give_reason, load_reason
from subscribers.returning import can_return, come_back
from subscribers.staying import choose_cadence, pause
from subscribers.tokens import Link


class Offer(StrEnum):
    """A choice on the page beside leaving."""

    #: The rarest other cadence.
    RARER = "rarer"
    PAUSE_WEEKS = "pause-4-weeks"
    PAUSE_MONTHS = "pause-3-months"
    #: End a pause.
    RESUME = "resume"
    #: Come back after leaving.
    RETURN = "return"


_PAUSES = {Offer.PAUSE_WEEKS: timedelta(weeks=4), Offer.PAUSE_MONTHS: timedelta(weeks=13)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePage:
    """One subscription on the page to leave. Times are in the newsletter's zone."""

    #: The newsletter's title.
    newsletter: str
    #: The newsletter's name in the configuration.
    name: str
    #: BCP 47 tag: the subscriber's, else the newsletter's.
    language: str
    #: Like `a…@example.org`, because pages are also opened from forwarded mails.
    masked_address: str
    #: Whether the next edition is sent, unless the subscription is paused.
    is_active: bool
    has_left: bool
    #: None if the subscriber did not leave, or the day is not known.
    left_at: datetime | None
    #: Whether coming back needs no new sign-up.
    can_return: bool
    #: Whether a new sign-up is possible.
    can_sign_up: bool
    #: Whether the subscriber has left and gave no reason yet.
    can_explain: bool
    #: The reason given for leaving; None without one.
    reason: Reason | None
    #: The subscriber's cadence in words; empty if the newsletter is no longer configured.
    cadence: str
    #: The rarer cadence that is offered, in words; empty without one.
    rarer: str
    #: The end of a pause; None without one.
    paused_until: datetime | None
    #: Whether there may be other newsletters to leave too.
    has_others: bool


class Leavers:
    """Shows the page to leave, and does what it offers beside leaving.

    Each method may raise `StoreError`: the database cannot be used.
    """

    def __init__(
        self,
        database: Callable[[], Database],
        journal: LeaveJournal,
        newsletters: Mapping[str, NewsletterFacts],
        clock: Callable[[], datetime],
        *,
        impatient: Callable[[], Database] | None = None,
        find_journal: Callable[[], LeaveJournal | None] = lambda: None,
    ) -> None:
        """Store the access to the data.

        Args:
            database: a function that returns the open database; a short busy timeout is best,
                because a subscriber waits.
            journal: the journal of unsubscribe requests.
            newsletters: the printed facts about each newsletter, by its name.
            clock: a function that returns the time, aware and in UTC.
            impatient: a function that returns the same database with a busy timeout under a second,
                for leaving itself, which never fails; without it, `database`.
            find_journal: see `Leavings`.
        """
        self._database = database
        self._newsletters = newsletters
        self._clock = clock
        self._find_journal = find_journal
        self._waiting = Leavings(database, journal, find_journal)
        self._leavings = Leavings(impatient or database, journal, find_journal)

    @classmethod
    def of(cls, context: RunContext, *, impatient: RunContext | None = None) -> Leavers:
        """Return those of an installation; `impatient` is the same one, for leaving itself."""
        return cls(
            lambda: context.database,
            context.journal,
            facts_of(context),
            context.clock,
            impatient=lambda: (impatient or context).database,
            find_journal=partial(find_journal, impatient or context),
        )

    def leave(self, leaving: Leaving) -> bool:
        """End a subscription, or all, also while only the journal can be written; see `Leavings`.

        Returns:
            False if the subscription does not exist any more.
        """
        return self._leavings.leave(leaving)

    def take_leavings(self) -> int:
        """Apply the requests of the journal; return their number, 0 if this fails."""
        return self._waiting.take()

    def find(self, link: Link) -> LeavePage | None:
        """Return the page of a link; None if the subscription does not exist any more."""
        with self._database().read() as connection:
            return self._find(connection, link)

    def take(self, link: Link, offer: Offer) -> LeavePage | None:
        """Do what a subscriber chose; what is not offered to them changes nothing.

        Returns:
            The page after it; None if the subscription does not exist any more.
        """
        if self._find_journal() is not None:
            raise StoreError("a choice on the page to leave: the database was put back or copied")
        if offer is Offer.RETURN:
            # A leaving that still waits in the journal came before this.
            self._waiting.take()
        with self._database().write() as connection:
            person = find_public_id(connection, link.public_id)
            subscription = person and find_subscription(connection, person.id, link.newsletter)
            facts = self._newsletters.get(link.newsletter)
            if person and subscription and facts and not person.suppressed:
                self._take(connection, person, subscription, facts, offer)
            return self._find(connection, link)

    def explain(self, link: Link, reason: Reason, words: str) -> LeavePage | None:
        """Store why a subscriber has left; has no effect if they have not.

        Returns:
            The page after it; None if the subscription does not exist any more.
        """
        with self._database().write() as connection:
            if person := find_public_id(connection, link.public_id):
                given = dump_reason(reason, words)
                give_reason(connection, person.id, link.newsletter, given)
            return self._find(connection, link)

    def _take(
        self,
        connection: Connection,
        person: Person,
        subscription: Subscription,
        facts: NewsletterFacts,
        offer: Offer,
    ) -> None:
        now, name = self._clock(), facts.name
        if offer is Offer.RETURN:
            is_changed, detail = come_back(connection, person.id, name, now=now), ""
        elif offer is Offer.RARER:
            detail = _rarest_cadence(facts, subscription.preferences.cadence)
            is_changed = bool(detail) and choose_cadence(connection, person.id, name, detail)
        else:
            until = now + _PAUSES[offer] if offer in _PAUSES else None
            if until is None and subscription.preferences.paused_until is None:
                return
            is_changed = pause(connection, person.id, name, until)
            detail = f"until {until:%Y-%m-%d}" if until else "ended"
        if is_changed:
            record_choice(connection, _ACTIONS.get(offer, "pause"), name, detail, now=now)
        if is_changed and offer is Offer.RETURN:
            kind = EventKind.SUBSCRIBER_CONFIRMED
            add_subscriber_event(connection, kind, name, (person.id,), how="come back")

    def _find(self, connection: Connection, link: Link) -> LeavePage | None:
        person = find_public_id(connection, link.public_id)
        if person is None:
            return None
        held = list_subscriptions(connection, person.id)
        found = next((each for each in held if each.newsletter == link.newsletter), None)
        if found is None:
            return None
        others = [each for each in held if each is not found and not each.state.is_ended]
        return self._page(person, found, has_others=bool(others))

    def _page(self, person: Person, found: Subscription, *, has_others: bool) -> LeavePage:
        name, chosen, now = found.newsletter, found.preferences, self._clock()
        known = self._newsletters.get(name)
        # Subscribers can also leave a newsletter that is no longer configured.
        facts = known or NewsletterFacts(title=name, cadences={})
        zone, language = ZoneInfo(facts.timezone), chosen.language or facts.language
        is_active = known is not None and _is_mailed(person, found)
        rarest = _rarest_cadence(facts, chosen.cadence) if is_active else ""
        is_paused = chosen.paused_until is not None and chosen.paused_until > now
        return LeavePage(
            newsletter=facts.title,
            name=name,
            language=language,
            masked_address=mask_address(person.address),
            is_active=is_active,
            has_left=found.state in (State.LEFT, State.COMPLAINED),
            left_at=found.left_at.astimezone(zone) if found.left_at else None,
            can_return=known is not None and can_return(person, found, now=now),
            can_sign_up=known is not None and not person.suppressed,
            can_explain=found.state is State.LEFT and not found.left_reason,
            reason=load_reason(found.left_reason)[0] if found.left_reason else None,
            cadence=facts.in_words(chosen.cadence, language),
            rarer=facts.in_words(rarest, language) if rarest else "",
            paused_until=chosen.paused_until.astimezone(zone)
            if chosen.paused_until and is_paused and is_active
            else None,
            has_others=has_others or len(self._newsletters) > 1,
        )


_ACTIONS = {Offer.RETURN: "come back", Offer.RARER: "change cadence"}


def _is_mailed(person: Person, subscription: Subscription) -> bool:
    return subscription.state is State.CONFIRMED and not person.suppressed


def _rarest_cadence(facts: NewsletterFacts, chosen: str) -> str:
    """Return the cadence with the fewest slots a year, if fewer than the chosen one; else empty."""
    if not facts.cadences:
        return ""
    yearly = {name: _slots_a_year(each.schedule) for name, each in facts.cadences.items()}
    current = chosen if chosen in yearly else next(iter(yearly))
    rarest = min(yearly, key=lambda name: yearly[name])
    return rarest if yearly[rarest] < yearly[current] else ""


def _slots_a_year(schedule: Schedule) -> int:
    return len(schedule.weekdays) * (12 if schedule.ordinal else 52)
