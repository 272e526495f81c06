"""Shows one person's record, and exports a newsletter's people to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from digest.errors import NothingToDo
from digest.models import StoredBounce
from digest.newsroom.context import RunContext
from digest.store.bounces import list_bounces
from digest.store.engine import Connection
from digest.store.persons import deliveries_to, rows_about
from subscribers.addresses import parse_typed
from subscribers.exporting import export_csv
from subscribers.fieldvalues import fields_of
from subscribers.people import find_person, list_subscriptions
from subscribers.preferences import Person, Subscription
from subscribers.reasons import GivenReason, list_reasons
from subscribers.tables import person_fields, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """Everything that is stored about one person."""

    person: Person
    #: By newsletter.
    subscriptions: tuple[Subscription, ...]
    #: Values of the operator's own fields, by the field's name.
    fields: Mapping[str, str]
    #: What was mailed, oldest first.
    deliveries: tuple[Mapping[str, Any], ...]
    #: The rows of all other tables about the person, by the table's name.
    others: Mapping[str, tuple[Mapping[str, Any], ...]]
    #: What mail servers reported about the person, oldest first.
    bounces: tuple[StoredBounce, ...]

    @property
    def data(self) -> dict[str, Any]:
        """All of it in plain values, for JSON."""
        return {
            **asdict(self.person),
            "subscriptions": [asdict(each) for each in self.subscriptions],
            "fields": dict(self.fields),
            "deliveries": list(self.deliveries),
            **{name: list(rows) for name, rows in self.others.items()},
        }


def show(context: RunContext, address: str) -> PersonRecord:
    """Return everything that is stored about a person (GDPR Article 15).

    Raises:
        SubscriberError: the address is not valid.
        NothingToDo: no person has this address.
        StoreError: the database cannot be used.
    """
    wanted = parse_typed(address, allow_reserved=context.is_development)
    with context.database.read() as connection:
        person = find_person(connection, wanted)
        if person is None:
            raise NothingToDo("no person has this address; see `digest subscribers export`")
        return record_of(connection, person)


def record_of(connection: Connection, person: Person) -> PersonRecord:
    """Return everything that is stored about a person."""
    others = rows_about(connection, person.id)
    # They are in the record as what they mean.
    del others[subscriptions.name], others[person_fields.name]
    return PersonRecord(
        person=person,
        subscriptions=list_subscriptions(connection, person.id),
        fields=fields_of(connection, person.id),
        deliveries=deliveries_to(connection, person.id),
        others=others,
        bounces=list_bounces(connection, person.id),
    )


def reasons(context: RunContext, newsletter: str) -> tuple[GivenReason, ...]:
    """Return why people have left a newsletter, newest first.

    Raises:
        UsageError: the newsletter does not exist.
        StoreError: the database cannot be used.
    """
    name = context.newsletter_of(newsletter).name
    with context.database.read() as connection:
        return tuple(list_reasons(connection, name))


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
        fields = [field.name for field in context.fields]
        return export_csv(connection, name, file, raw=raw, fields=fields)
