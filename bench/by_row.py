"""Imports a file row by row: the peer of the batched import, and the definition of its result.

Each address is checked by email-validator, and each row has five statements of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import BinaryIO

from sqlalchemy import Connection

from subscribers.addresses import AddressError, split_any
from subscribers.batches import RowOutcome
from subscribers.csvfile import open_text, read_records
from subscribers.importing import BATCH, read_columns
from subscribers.merging import ImportOptions, merge_subscription, start_subscription
from subscribers.people import (
    add_person,
    change_many,
    find_person,
    find_subscription,
    rename_person,
    subscribe,
)
from subscribers.preferences import Person, Preferences, Subscription
from subscribers.rows import RowError, SubscriberRow, read_row
from subscribers.suppression import is_suppressed, suppress


def import_by_row(
    write: Callable[[], AbstractContextManager[Connection]],
    file: BinaryIO,
    options: ImportOptions,
) -> Iterator[tuple[int, RowOutcome]]:
    """Yield the line and the outcome of each row; the arguments are those of `import_file`."""
    columns = read_columns(file)
    seen: set[str] = set()
    with open_text(file) as text:
        records = itertools.islice(read_records(text), 1, None)
        while batch := tuple(itertools.islice(records, BATCH)):
            results: list[tuple[int, RowOutcome]] = []
            with write() as connection:
                for record in batch:
                    try:
                        split_any(columns.cell(record, "address"))
                        row = read_row(
                            columns,
                            record,
                            now=options.now,
                            allow_reserved=options.allow_reserved,
                            zone=options.zone,
                        )
                    except (AddressError, RowError):
                        results.append((record.line, RowOutcome.REFUSED))
                        continue
                    if row.address.key in seen:
                        row = replace(row, name="", preferences=Preferences())
                    seen.add(row.address.key)
                    results.append((record.line, apply(connection, row, options)))
            yield from results


def apply(connection: Connection, row: SubscriberRow, options: ImportOptions) -> RowOutcome:
    """Store the data of one row with statements of its own."""
    person = find_person(connection, row.address)
    if is_suppressed(connection, options.keys, row.address):
        known = find_subscription(connection, person.id, options.newsletter) if person else None
        if person is None or known is None or row.state is None or not row.state.is_ended:
            return RowOutcome.SUPPRESSED
        return _update(connection, person, known, row, options)
    if person is None:
        person = add_person(connection, row.address, name=row.name, now=options.now)
    known = find_subscription(connection, person.id, options.newsletter)
    if known is None:
        subscribe(connection, person.id, start_subscription(row, options))
        outcome = RowOutcome.ADDED
    else:
        outcome = _update(connection, person, known, row, options)
    for reason in row.suppressed:
        suppress(connection, options.keys, row.address, reason, now=options.now)
    return outcome


def _update(
    connection: Connection,
    person: Person,
    known: Subscription,
    row: SubscriberRow,
    options: ImportOptions,
) -> RowOutcome:
    merged = merge_subscription(known, row, options)
    is_renamed = row.name not in ("", person.name) and not merged.state.is_ended
    if is_renamed:
        rename_person(connection, person.id, row.name)
    if merged != known:
        change_many(connection, [(person.id, known, merged)])
    return RowOutcome.UPDATED if is_renamed or merged != known else RowOutcome.UNCHANGED
