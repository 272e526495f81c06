"""Imports subscribers from a file, with a result for each row.

Importing the same file again changes nothing, and a bad row never stops the rest. A later row of
the same address can only end a subscription.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import BinaryIO

from sqlalchemy import Connection

from subscribers.csvfile import Record, open_text, read_records
from subscribers.merging import ImportOptions, merge_subscription, start_subscription
from subscribers.people import (
    add_person,
    change_subscription,
    find_person,
    find_subscription,
    rename_person,
    subscribe,
)
from subscribers.preferences import Person, Preferences, Subscription
from subscribers.rows import Columns, RowError, SubscriberRow, find_columns, read_row
from subscribers.suppression import is_suppressed, suppress


class RowOutcome(StrEnum):
    """The outcome of one row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    #: The address is suppressed; nothing was written.
    SUPPRESSED = "suppressed"
    #: Not usable; the result has the column and the reason.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """The result of one row for a report, with the address masked."""

    line: int
    outcome: RowOutcome
    #: Masked, such as `a…@example.org`.
    address: str
    #: The bad column and the reason; empty unless the row was refused.
    column: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of a file."""

    #: The number of rows for every outcome, zeros included.
    counts: Mapping[RowOutcome, int]
    #: The first refused rows, at most `MAX_LISTED`.
    refused: tuple[RowResult, ...]

    @property
    def added(self) -> int:
        """The number of rows that added a subscription."""
        return self.counts[RowOutcome.ADDED]


#: The limit of listed rows: in a file of another kind every row is refused.
MAX_LISTED = 1000

#: Rows in one transaction.
BATCH = 500


def import_file(
    write: Callable[[], AbstractContextManager[Connection]],
    file: BinaryIO,
    options: ImportOptions,
) -> Iterator[RowResult]:
    """Import a CSV file; rows are written while the caller iterates over the results.

    Args:
        write: the function that opens a transaction; each has `BATCH` rows, so that an
            unsubscribe never waits for a long file. Run an interrupted import again.
        file: the seekable file, opened for bytes.
        options: the options of the import.

    Raises:
        CsvError: the file cannot be read; nothing was written.
    """
    seen: set[str] = set()
    with open_text(file) as text:
        records = read_records(text)
        columns = find_columns(next(records, None))
        while batch := tuple(itertools.islice(records, BATCH)):
            with write() as connection:
                results = [_import(connection, columns, record, seen, options) for record in batch]
            yield from results


def summarise(results: Iterable[RowResult]) -> ImportReport:
    """Count outcomes and keep the refused rows."""
    counts = Counter[RowOutcome]()
    refused: list[RowResult] = []
    for result in results:
        counts[result.outcome] += 1
        if result.outcome is RowOutcome.REFUSED and len(refused) < MAX_LISTED:
            refused.append(result)
    return ImportReport(
        counts={outcome: counts[outcome] for outcome in RowOutcome}, refused=tuple(refused)
    )


def apply_row(connection: Connection, row: SubscriberRow, options: ImportOptions) -> RowOutcome:
    """Store the data of one row; also used to add one person manually."""
    if is_suppressed(connection, options.keys, row.address):
        return RowOutcome.SUPPRESSED
    person = find_person(connection, row.address)
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


def _import(
    connection: Connection,
    columns: Columns,
    record: Record,
    seen: set[str],
    options: ImportOptions,
) -> RowResult:
    shown = columns.address(record)
    try:
        row = read_row(columns, record, allow_reserved=options.allow_reserved)
    except RowError as error:
        return RowResult(
            line=record.line,
            outcome=RowOutcome.REFUSED,
            address=shown,
            column=error.column,
            reason=error.reason,
        )
    outcome = apply_row(connection, _without_repeats(row, seen), options)
    seen.add(row.address.key)
    return RowResult(line=record.line, outcome=outcome, address=shown)


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
        change_subscription(connection, person.id, merged)
    return RowOutcome.UPDATED if is_renamed or merged != known else RowOutcome.UNCHANGED


def _without_repeats(row: SubscriberRow, seen: set[str]) -> SubscriberRow:
    """Drop the name and preferences of a repeated address, so that the row can only end mail.

    Otherwise two different rows would overwrite each other at every import.
    """
    if row.address.key not in seen:
        return row
    return replace(row, name="", preferences=Preferences())
