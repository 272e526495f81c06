"""Applies many rows at once: what is stored of their addresses is looked up and written together.

The result is that of one row after the other: each row sees what the rows before it changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Connection

from subscribers.addresses import Address
from subscribers.fieldvalues import read_fields_of, write_fields
from subscribers.merging import ImportOptions, merge_subscription, start_subscription
from subscribers.people import add_many, change_many, find_many, rename_many, subscribe_many
from subscribers.preferences import Person, Subscription
from subscribers.rows import SubscriberRow
from subscribers.suppression import SuppressionReason, find_many_reasons, suppress_many


class RowOutcome(StrEnum):
    """The outcome of one row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    #: The address is suppressed; nothing was written.
    SUPPRESSED = "suppressed"
    #: Not usable; the result has the column and the reason.
    REFUSED = "refused"


@dataclass(slots=True, kw_only=True)
class Entry:
    """One address: what is stored about it, and what the rows so far made of it."""

    address: Address
    #: The stored person; None if there is none.
    person: Person | None = None
    #: The stored subscription; None if there is none.
    stored: Subscription | None = None
    #: The person's name after the rows so far; None if there is no person.
    name: str | None = None
    #: The subscription after the rows so far; None if there is none.
    subscription: Subscription | None = None
    #: The stored values of the fields that rows have, and those after the rows so far.
    stored_fields: Mapping[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    is_suppressed: bool = False
    #: Why a row suppressed the address.
    reasons: tuple[SuppressionReason, ...] = ()

    def apply(self, row: SubscriberRow, options: ImportOptions) -> RowOutcome:
        """Merge a row of this address; nothing is written yet."""
        known = self.subscription
        if self.is_suppressed:
            # Nothing is written about a suppressed address but the end of its subscription.
            if known is None or row.state is None or not row.state.is_ended:
                return RowOutcome.SUPPRESSED
            return self._merge(known, row, options)
        if self.name is None:
            self.name = row.name
        if known is None:
            self.subscription = start_subscription(row, options)
            self.fields |= row.fields
            outcome = RowOutcome.ADDED
        else:
            outcome = self._merge(known, row, options)
        if row.suppressed:
            self.is_suppressed, self.reasons = True, row.suppressed
        return outcome

    def _merge(self, known: Subscription, row: SubscriberRow, options: ImportOptions) -> RowOutcome:
        merged = merge_subscription(known, row, options)
        is_renamed = row.name not in ("", self.name) and not merged.state.is_ended
        if is_renamed:
            self.name = row.name
        if merged != known:
            self.subscription = merged
        is_told = False
        if row.fields and not merged.state.is_ended:
            is_told = any(self.fields.get(name, "") != value for name, value in row.fields)
            self.fields |= row.fields
        is_changed = is_renamed or is_told or merged != known
        return RowOutcome.UPDATED if is_changed else RowOutcome.UNCHANGED


def find_entries(
    connection: Connection, rows: Sequence[SubscriberRow], options: ImportOptions
) -> dict[str, Entry]:
    """Return what is stored about the addresses of rows, by their keys.

    The first of two spellings counts.
    """
    entries: dict[str, Entry] = {}
    for row in rows:
        if row.address.key not in entries:
            entries[row.address.key] = Entry(address=row.address)
    for key in find_many_reasons(connection, options.keys, [e.address for e in entries.values()]):
        entries[key].is_suppressed = True
    for key, (person, subscription) in find_many(
        connection, list(entries), options.newsletter
    ).items():
        entry = entries[key]
        entry.person, entry.name = person, person.name
        entry.stored = entry.subscription = subscription
    _find_fields(connection, entries.values(), {name for row in rows for name, _ in row.fields})
    return entries


def _find_fields(connection: Connection, entries: Iterable[Entry], names: Collection[str]) -> None:
    """Read the stored values of the fields that rows have; nothing if they have none."""
    known = {entry.person.id: entry for entry in entries if entry.person} if names else {}
    for person_id, values in read_fields_of(connection, known, names).items() if known else ():
        known[person_id].stored_fields, known[person_id].fields = values, dict(values)


def store_entries(
    connection: Connection, entries: Collection[Entry], options: ImportOptions
) -> None:
    """Write what rows changed."""
    new = [(e.address, e.name) for e in entries if e.person is None and e.name is not None]
    ids = add_many(connection, new, now=options.now)
    names: list[tuple[int, str]] = []
    started: list[tuple[int, Subscription]] = []
    changed: list[tuple[int, Subscription, Subscription]] = []
    for entry in entries:
        person = entry.person
        if person is not None and entry.name not in (None, person.name):
            names.append((person.id, entry.name or ""))
        if entry.subscription is not None and entry.subscription is not entry.stored:
            person_id = person.id if person else ids[entry.address.key]
            if entry.stored is None:
                started.append((person_id, entry.subscription))
            else:
                changed.append((person_id, entry.stored, entry.subscription))
    rename_many(connection, names)
    subscribe_many(connection, started)
    change_many(connection, changed)
    _store_fields(connection, entries, ids)
    if suppressed := {e.address: e.reasons for e in entries if e.reasons}:
        suppress_many(connection, options.keys, suppressed, now=options.now)


def _store_fields(connection: Connection, entries: Iterable[Entry], ids: Mapping[str, int]) -> None:
    rows = [
        (entry.person.id if entry.person else ids[entry.address.key], name, value)
        for entry in entries
        if entry.fields
        for name, value in entry.fields.items()
        if entry.stored_fields.get(name) != value
    ]
    write_fields(connection, rows)
