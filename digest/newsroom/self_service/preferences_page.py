"""The page of one subscriber's choices, and the subscription that it is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel.units import format_unit

from digest.models import SUBSCRIBER
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.self_service.choices import (
    ChoiceFields,
    Form,
    ParsedChoices,
    fields_of,
    parse_choices,
)
from digest.newsroom.self_service.facts import NewsletterFacts, facts_of
from digest.newsroom.self_service.forecast import Contents, contents_for, next_edition_at, zone_of
from digest.newsroom.self_service.own_fields import NO_VALUES
from digest.store.engine import Connection
from digest.text.languages import locale_of
from subscribers.addresses import mask_address
from subscribers.fieldvalues import fields_of as values_of
from subscribers.fieldvalues import save_fields
from subscribers.moving import has_open_change
from subscribers.people import change_preferences, find_public_id, find_subscription
from subscribers.preferences import Person, Preferences, State, Subscription
from subscribers.tokens import Link

#: The pauses that one click chooses, in days, by their names in the form.
PAUSES = {"4-weeks": 28, "3-months": 91}
#: The longest pause, in days.
MAX_PAUSE = 366


class Standing(StrEnum):
    """The choices that the page can offer."""

    #: Every choice.
    ACTIVE = "active"
    #: The subscriber left, and can come back.
    LEFT = "left"
    #: Nothing is mailed: never confirmed, suppressed, or the newsletter is not configured now.
    OFF = "off"


class Done(StrEnum):
    """The change that the page reports; none if it was only opened."""

    NOTHING = ""
    #: The choices are shown without being stored.
    SHOWN = "shown"
    SAVED = "saved"
    PAUSED = "paused"
    RESUMED = "resumed"
    #: Mails that ask both ends of a change of address are on their way.
    MOVING = "moving"
    #: The mail with the private link is on its way, or was sent some hours ago.
    MAILED = "mailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesPage:
    """One subscription, as its subscriber sees it."""

    #: The newsletter's name in the configuration, and its title.
    newsletter: str
    title: str
    #: BCP 47 tag: the subscriber's, else the newsletter's.
    language: str
    #: Like `a…@example.org`, because pages are also opened from forwarded mails.
    masked_address: str
    standing: Standing
    left_on: date | None
    #: The chosen categories; empty for all.
    categories: tuple[str, ...]
    #: In words; empty if the newsletter is not configured now.
    cadence: str
    #: In the newsletter's zone; None if only the day of an import is known.
    joined_on: date | None
    #: For the form.
    choices: ChoiceFields
    #: The last day of a pause is the day before; None if there is no pause.
    paused_until: date | None
    #: The first and the last day that a pause may end on.
    pause_from: date
    pause_to: date
    #: The longest window in words: `5 weeks`.
    max_window: str
    #: When the next edition is planned, in the subscriber's zone; None if none is planned.
    next_at: datetime | None
    #: IANA name of that zone.
    zone: str
    #: None unless `standing` is `ACTIVE`.
    contents: Contents | None
    #: Whether a change of address waits for an answer.
    is_moving: bool
    done: Done = Done.NOTHING
    #: By field: those of `ParsedChoices`, `pause` and `address`.
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One subscription of a link, with what its page is made from."""

    context: RunContext
    person: Person
    subscription: Subscription
    facts: NewsletterFacts
    #: The values of the operator's own fields, by the field's name.
    own: Mapping[str, str]
    now: datetime

    @property
    def language(self) -> str:
        """BCP 47 tag of the subscriber, else of the newsletter."""
        return self.stored.language or self.facts.language

    @property
    def stored(self) -> Preferences:
        """The choices in the database."""
        return self.subscription.preferences

    @property
    def zone(self) -> ZoneInfo:
        """The newsletter's zone."""
        return ZoneInfo(self.facts.timezone)

    @property
    def today(self) -> date:
        """The day in the newsletter's zone."""
        return self.now.astimezone(self.zone).date()

    @property
    def standing(self) -> Standing:
        """The choices that the page can offer."""
        if self.subscription.state is State.LEFT:
            return Standing.LEFT
        is_mailed = self.subscription.state is State.CONFIRMED and not self.person.suppressed
        return Standing.ACTIVE if is_mailed and self.facts.cadences else Standing.OFF

    def parse(self, form: Form) -> ParsedChoices:
        """Read the choices of a form."""
        return parse_choices(form, self.facts, self.stored, language=self.language, own=self.own)

    def read_pause(self, asked: str, until: str) -> date | None:
        """Return the day on which a pause ends; None if it is not possible."""
        if asked in PAUSES:
            return self.today + timedelta(days=PAUSES[asked])
        try:
            day = date.fromisoformat(until)
        except ValueError:
            return None
        ahead = (day - self.today).days
        return day if 1 <= ahead <= MAX_PAUSE else None

    def store(
        self,
        connection: Connection,
        preferences: Preferences,
        done: Done,
        *,
        own: Mapping[str, str] = NO_VALUES,
    ) -> PreferencesPage:
        """Store choices, and values of own fields, with their audit row; return the page after."""
        link = (self.person.id, self.facts.name)
        changed = _changed(self.stored, preferences)
        filled = tuple(name for name in own if own[name] != self.own.get(name, ""))
        if changed:
            change_preferences(connection, *link, preferences)
        if filled:
            save_fields(connection, self.person.id, own)
        if changed or filled:
            record(
                self.context,
                connection,
                SUBSCRIBER,
                "change preferences",
                newsletter=self.facts.name,
                detail=", ".join((*changed, *filled)),
            )
        subscription = replace(self.subscription, preferences=preferences)
        after = replace(self, subscription=subscription, own={**self.own, **own})
        return after.page(connection, done=done)

    def page(
        self,
        connection: Connection,
        *,
        parsed: ParsedChoices | None = None,
        done: Done = Done.NOTHING,
        faults: Mapping[str, str] | None = None,
    ) -> PreferencesPage:
        """Return the page.

        Args:
            connection: a connection inside a transaction.
            parsed: the choices to show; None for the stored ones.
            done: what the page reports.
            faults: the faults of other fields than the choices.
        """
        facts, subscription = self.facts, self.subscription
        shown = parsed.preferences if parsed else self.stored
        choice_faults = parsed.faults if parsed else {}
        is_active = self.standing is Standing.ACTIVE
        is_left = subscription.state is State.LEFT
        return PreferencesPage(
            newsletter=subscription.newsletter,
            title=facts.title,
            language=self.language,
            masked_address=mask_address(self.person.address),
            standing=self.standing,
            left_on=self._day(subscription.left_at) if is_left else None,
            categories=self.stored.categories,
            cadence=facts.in_words(self.stored.cadence, self.language),
            joined_on=self._day(subscription.joined_at) if subscription.is_joined_known else None,
            choices=fields_of(
                facts,
                shown,
                language=self.language,
                faults=choice_faults,
                own={**self.own, **(parsed.own.typed if parsed else {})},
            ),
            paused_until=self._pause_end(),
            pause_from=self.today + timedelta(days=1),
            pause_to=self.today + timedelta(days=MAX_PAUSE),
            max_window=_span_words(facts.max_window, self.language),
            next_at=next_edition_at(connection, facts, shown, now=self.now) if is_active else None,
            zone=str(zone_of(facts, shown)),
            contents=self._contents(connection, shown) if is_active else None,
            is_moving=has_open_change(connection, self.person.id, now=self.now),
            done=Done.NOTHING if choice_faults else done,
            faults={**choice_faults, **(faults or {})},
        )

    def _contents(self, connection: Connection, shown: Preferences) -> Contents:
        return contents_for(connection, self.facts, self.subscription, shown, now=self.now)

    def _pause_end(self) -> date | None:
        until = self.stored.paused_until
        return self._day(until) if until is not None and until > self.now else None

    def _day(self, when: datetime | None) -> date | None:
        return when.astimezone(self.zone).date() if when else None


def find_case(context: RunContext, connection: Connection, link: Link) -> Case | None:
    """Return the subscription of a link; None if it does not exist, or no longer exists."""
    person = find_public_id(connection, link.public_id)
    subscription = find_subscription(connection, person.id, link.newsletter) if person else None
    if person is None or subscription is None:
        return None
    # A newsletter that is no longer configured can still be left.
    unknown = NewsletterFacts(name=link.newsletter, title=link.newsletter, cadences={})
    return Case(
        context=context,
        person=person,
        subscription=subscription,
        facts=facts_of(context).get(link.newsletter, unknown),
        own=values_of(connection, person.id),
        now=context.clock(),
    )


def change_page(
    context: RunContext, link: Link, change: Callable[[Connection, Case], PreferencesPage]
) -> PreferencesPage | None:
    """Run a change of a subscription in a transaction, and return the page after it.

    Nothing is changed, and the page is as it was, if the standing is not `ACTIVE`. None if there is
    no such subscription any more.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.write() as connection:
        case = find_case(context, connection, link)
        if case is None:
            return None
        return (
            change(connection, case) if case.standing is Standing.ACTIVE else case.page(connection)
        )


def _changed(before: Preferences, after: Preferences) -> tuple[str, ...]:
    """Return the names of the choices that differ."""
    names = Preferences.__slots__
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def _span_words(span: timedelta, language: str) -> str:
    weeks, rest = divmod(span.days, 7)
    unit, count = ("duration-day", span.days) if rest or not weeks else ("duration-week", weeks)
    return str(format_unit(count, unit, locale=locale_of(language)))
