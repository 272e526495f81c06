"""Lists the subscribers' own fields, and sets the values of one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from digest.errors import NothingToDo, UsageError
from digest.models import Actor
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.store.engine import Connection
from subscribers.addresses import parse_typed
from subscribers.fields import Field, Kind, read_fields
from subscribers.fieldvalues import count_fields, count_values, save_fields
from subscribers.people import find_person


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCount:
    """A field, and how many people have a value of it."""

    name: str
    label: str
    kind: Kind
    choices: tuple[str, ...]
    people: int
    #: The number of people by choice, also of choices that are no longer configured.
    by_choice: Mapping[str, int]
    #: False: it has values, but is no longer configured.
    is_configured: bool = True


def list_fields(context: RunContext) -> tuple[FieldCount, ...]:
    """Return the configured fields in order, then those that only the database still has.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        counts = count_fields(connection)
        known = [_count(connection, field, counts.get(field.name, 0)) for field in context.fields]
    names = {field.name for field in context.fields}
    gone = sorted(counts.keys() - names)
    return (*known, *(_gone(name, counts[name]) for name in gone))


def set_fields(context: RunContext, address: str, written: Mapping[str, str], *, by: Actor) -> bool:
    """Set values of one person; return whether anything changed.

    Args:
        context: the installation's context.
        address: the mail address.
        written: the values as written, by the field's name; an empty one removes the value.
        by: the actor.

    Raises:
        UsageError: a field does not exist, or cannot have the value; names all of them.
        SubscriberError: the address is not valid.
        NothingToDo: no person has this address.
        StoreError: the database cannot be used.
    """
    wanted = parse_typed(address, allow_reserved=context.is_development)
    values = checked_values(context.fields, written)
    with context.database.write() as connection:
        person = find_person(connection, wanted)
        if person is None:
            raise NothingToDo("no person has this address; see `digest subscribers export`")
        is_changed = save_fields(connection, person.id, values)
        if is_changed:
            record(context, connection, by, "set fields", detail=", ".join(sorted(values)))
    return is_changed


def checked_values(fields: Iterable[Field], written: Mapping[str, str]) -> Mapping[str, str]:
    """Return normalised values.

    Raises:
        UsageError: a field does not exist, or cannot have the value; names all of them.
    """
    found = read_fields(fields, written)
    if found.errors:
        raise UsageError("; ".join(f"{name}: {error}" for name, error in found.errors.items()))
    return found.values


def _count(connection: Connection, field: Field, people: int) -> FieldCount:
    by_choice = count_values(connection, field.name) if field.kind is Kind.CHOICE else {}
    return FieldCount(
        name=field.name,
        label=field.label,
        kind=field.kind,
        choices=field.choices,
        people=people,
        by_choice={**dict.fromkeys(field.choices, 0), **by_choice},
    )


def _gone(name: str, people: int) -> FieldCount:
    return FieldCount(
        name=name,
        label=name,
        kind=Kind.TEXT,
        choices=(),
        people=people,
        by_choice={},
        is_configured=False,
    )
