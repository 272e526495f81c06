"""What is stored of people: one person's record, and a newsletter's people as a file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TextIO

from digest.errors import NothingToDo
from digest.newsroom.context import RunContext
from subscribers.addresses import parse_address
from subscribers.exporting import export_csv
from subscribers.people import find_person, list_subscriptions
from subscribers.preferences import Person, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """All that is stored of one person."""

    person: Person
    #: By newsletter.
    subscriptions: tuple[Subscription, ...]


def show(context: RunContext, address: str) -> PersonRecord:
    """Return all that is stored of a person (GDPR Article 15).

    Raises:
        SubscriberError: the address is not valid.
        NothingToDo: no person has it.
        StoreError: the database cannot serve.
    """
    wanted = parse_address(address, allow_reserved=context.is_development)
    with context.database.read() as connection:
        person = find_person(connection, wanted)
        if person is None:
            raise NothingToDo("nobody has this address")
        return PersonRecord(person=person, subscriptions=list_subscriptions(connection, person.id))


def export(
    context: RunContext,
    newsletter: str,
    open_file: Callable[[], AbstractContextManager[TextIO]],
    *,
    raw: bool,
) -> int:
    """Write every person of a newsletter, in any state, as CSV; return how many.

    Args:
        context: the installation.
        newsletter: its name; empty: the only one.
        open_file: opens where to write, with `newline=""`; called once the database answers, so
            that a failure leaves an older file as it is.
        raw: write cells as they are, not guarded against a spreadsheet's formulas.

    Raises:
        UsageError: there is no such newsletter.
        StoreError: the database cannot serve.
    """
    name = context.newsletter_of(newsletter).name
    with context.database.read() as connection, open_file() as file:
        return export_csv(connection, name, file, raw=raw)
