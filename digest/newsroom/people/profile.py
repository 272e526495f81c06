"""Everything that one person's page at the desk shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.errors import NothingToDo, UsageError
from digest.models import StoredBounce
from digest.newsroom.context import RunContext
from digest.newsroom.deliveries import ShownDelivery, show_delivery
from digest.newsroom.people.records import record_of
from digest.newsroom.self_service.choices import ChoiceFields, fields_of
from digest.newsroom.self_service.facts import facts_of
from digest.store.absences import suppressed_since
from digest.store.bounces import list_bounces
from digest.store.engine import Connection
from digest.store.history import deliveries_of
from subscribers import fieldvalues
from subscribers.addresses import parse_address
from subscribers.fields import Field
from subscribers.people import find_person_id, list_subscriptions
from subscribers.preferences import Person, State, Subscription

#: The newest deliveries of a person that their page lists.
MOST_DELIVERIES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSubscription:
    """One subscription, with the form of its choices."""

    subscription: Subscription
    #: The newsletter's title; its name if it is no longer configured.
    title: str
    #: The choices of a confirmed subscriber; None for others, who have nothing to choose.
    choices: ChoiceFields | None
    #: The day until which the subscription is paused, in the newsletter's zone, as an input takes
    #: it; empty if it is not.
    paused_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownField:
    """One of the operator's fields, with the person's value."""

    name: str
    label: str
    #: Empty: any text.
    choices: tuple[str, ...]
    value: str
    #: False: the person has a value, but the field is no longer configured.
    is_configured: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One person."""

    person: Person
    suppressed_at: datetime | None
    subscriptions: tuple[ShownSubscription, ...]
    #: Titles of the newsletters that the person never had, by name.
    other_newsletters: Mapping[str, str]
    fields: tuple[ShownField, ...]
    #: The newest first, at most `MOST_DELIVERIES`.
    deliveries: tuple[ShownDelivery, ...]
    #: The newest first.
    bounces: tuple[StoredBounce, ...]


def show_profile(context: RunContext, person_id: int) -> Profile | None:
    """Return a person's page; None if there is no such person.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        person = find_person_id(connection, person_id)
        if person is None:
            return None
        held = list_subscriptions(connection, person_id)
        address = parse_address(person.address, allow_reserved=True)
        names = {each.newsletter for each in held}
        return Profile(
            person=person,
            suppressed_at=suppressed_since(connection, context.keys, address),
            subscriptions=tuple(_shown(context, each) for each in held),
            other_newsletters={
                each.name: each.title for each in context.newsletters if each.name not in names
            },
            fields=_fields(context.fields, fieldvalues.fields_of(connection, person_id)),
            deliveries=tuple(
                map(show_delivery, deliveries_of(connection, person_id, most=MOST_DELIVERIES))
            ),
            bounces=list_bounces(connection, person_id)[::-1],
        )


def export_person(context: RunContext, person_id: int) -> dict[str, object] | None:
    """Return all data about a person, as `digest subscribers show --json`; None if unknown.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        person = find_person_id(connection, person_id)
        return record_of(connection, person).data if person else None


def known_person(connection: Connection, person_id: int) -> Person:
    """Return a person whose page was shown before.

    Raises:
        NothingToDo: the person is gone.
    """
    person = find_person_id(connection, person_id)
    if person is None:
        raise NothingToDo(f"subscriber {person_id}: does not exist any more")
    return person


def _shown(context: RunContext, subscription: Subscription) -> ShownSubscription:
    chosen = subscription.preferences
    try:
        owner = context.newsletter_of(subscription.newsletter)
    except UsageError:
        name = subscription.newsletter
        return ShownSubscription(
            subscription=subscription, title=name, choices=None, paused_until=""
        )
    facts = facts_of(context)[owner.name]
    choices = fields_of(facts, chosen, language="en")
    until = chosen.paused_until
    return ShownSubscription(
        subscription=subscription,
        title=owner.title,
        choices=choices if subscription.state is State.CONFIRMED else None,
        paused_until=f"{until.astimezone(ZoneInfo(owner.timezone)):%Y-%m-%d}" if until else "",
    )


def _fields(configured: tuple[Field, ...], values: Mapping[str, str]) -> tuple[ShownField, ...]:
    known = tuple(
        ShownField(
            name=each.name,
            label=each.label,
            choices=each.choices,
            value=values.get(each.name, ""),
        )
        for each in configured
    )
    names = {each.name for each in configured}
    gone = sorted(values.keys() - names)
    return (
        *known,
        *(
            ShownField(name=name, label=name, choices=(), value=values[name], is_configured=False)
            for name in gone
        ),
    )
