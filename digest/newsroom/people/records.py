"""Shows one person's record, and exports a newsletter's people to a file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TextIO

from digest.errors import NothingToDo
from digest.models import StoredBounce
from digest.newsroom.context import RunContext
from digest.store.bounces import list_bounces
from subscribers.addresses import parse_address
from subscribers.exporting import export_csv
from subscribers.people import find_person, list_subscriptions
from subscribers.preferences import Person, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """Everything that is stored about one person."""

    person: Person
    #: By newsletter.
    subscriptions: tuple[Subscription, ...]
    #: What mail servers reported about the person, oldest first.
    bounces: tuple[StoredBounce, ...]


def show(context: RunContext, address: str) -> PersonRecord:
    """Return everything that is stored about a person (GDPR Article 15).

    Raises:
        SubscriberError: the address is not valid.
        NothingToDo: no person has this address.
        StoreError: the database cannot be used.
    """
    wanted = parse_address(address, allow_reserved=context.is_development)
    with context.database.read() as connection:
        person = find_person(connection, wanted)
        if person is None:
            raise NothingToDo("no person has this address; see `digest subscribers export`")
        return PersonRecord(
            person=person,
            subscriptions=list_subscriptions(connection, person.id),
            bounces=list_bounces(connection, person.id),
        )


def export(
    context: RunContext,
    newsletter: str,
    open_file: Callable[[], AbstractContextManager[TextIO]],
    *,
    raw: bool,
) -> int:
    """Write all people of a newsletter, in any state, as CSV; return their number.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name; empty for the only one.
        open_file: a function that opens the file, with `newline=""`. It is called after the
            database was opened, so that an older file is kept if that fails.
        raw: whether cells are written without the guard against spreadsheet formulas.

    Raises:
        UsageError: the newsletter does not exist.
        StoreError: the database cannot be used.
    """
    name = context.newsletter_of(newsletter).name
    with context.database.read() as connection, open_file() as file:
        return export_csv(connection, name, file, raw=raw)
