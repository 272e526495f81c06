"""Reads and writes people's values of the operator's own fields; takes an open connection."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from subscribers.preferences import Person
from subscribers.tables import person_fields

# Built once because an import and every batch of a send run these.
_DELETE = delete(person_fields).where(
    person_fields.c.person_id == bindparam("person"), person_fields.c.name == bindparam("field")
)
_INSERT = insert(person_fields)
_READ = select(person_fields.c.person_id, person_fields.c.name, person_fields.c.value).where(
    person_fields.c.person_id.in_(bindparam("people", expanding=True))
)
_READ_NAMED = _READ.where(person_fields.c.name.in_(bindparam("names", expanding=True)))


def save_fields(connection: Connection, person_id: int, values: Mapping[str, str]) -> bool:
    """Store normalised values of a person; an empty one removes what is stored.

    Fields that are not in `values` keep their value.

    Returns:
        Whether anything changed.
    """
    known = fields_of(connection, person_id)
    changed = {name: value for name, value in values.items() if known.get(name, "") != value}
    if changed:
        write_fields(connection, [(person_id, name, value) for name, value in changed.items()])
    return bool(changed)


def write_fields(connection: Connection, rows: Collection[tuple[int, str, str]]) -> None:
    """Store values of many people: the person's id, the field's name and the value of each."""
    if rows:
        connection.execute(_DELETE, [{"person": row[0], "field": row[1]} for row in rows])
    filled = [{"person_id": row[0], "name": row[1], "value": row[2]} for row in rows if row[2]]
    if filled:
        connection.execute(_INSERT, filled)


def fields_of(connection: Connection, person_id: int) -> dict[str, str]:
    """Return a person's values by the field's name, sorted by it."""
    found = read_fields_of(connection, (person_id,)).get(person_id, {})
    return dict(sorted(found.items()))


def read_fields_of(
    connection: Connection, person_ids: Collection[int], names: Collection[str] | None = None
) -> dict[int, dict[str, str]]:
    """Return the values of many people by their id, all or those of some fields.

    A person without a value is left out.

    Args:
        connection: the connection to read from.
        person_ids: at most some thousands of people.
        names: the names of the fields; None for all.
    """
    which = {"people": list(person_ids)}
    if names is None:
        rows = connection.execute(_READ, which)
    else:
        rows = connection.execute(_READ_NAMED, which | {"names": list(names)})
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.person_id, {})[row.name] = row.value
    return found


def printed_values(connection: Connection, person: Person) -> dict[str, str]:
    """Return what a mail or a page may print of a person: the values of all fields, and the name.

    Not the address: pages are also opened from forwarded mails.
    """
    return fields_of(connection, person.id) | {"name": person.name}


def count_fields(connection: Connection) -> dict[str, int]:
    """Count the people with a value of each field, by the field's name."""
    query = select(person_fields.c.name, func.count()).group_by(person_fields.c.name)
    return {row[0]: row[1] for row in connection.execute(query)}


def count_values(connection: Connection, name: str) -> dict[str, int]:
    """Count the people with each value of one field, the most frequent first; for choices."""
    query = (
        select(person_fields.c.value, func.count())
        .where(person_fields.c.name == name)
        .group_by(person_fields.c.value)
        .order_by(func.count().desc(), person_fields.c.value)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
