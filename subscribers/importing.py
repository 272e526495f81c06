"""Bringing people in from a file, and what becomes of each row.

The same file twice changes nothing, and a bad row never stops the rest. Later rows of one address
can only end mail.
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
    """What became of one row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    #: On the suppression list: nothing was written.
    SUPPRESSED = "suppressed"
    #: Not usable; the result says where and why.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of one row, fit for a report: the address is masked."""

    line: int
    outcome: RowOutcome
    #: Like `a…@example.org`.
    address: str
    #: For a refused row: the column at fault, and why.
    column: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file."""

    #: Every outcome is in it.
    counts: Mapping[RowOutcome, int]
    #: The first refused rows, at most `MAX_LISTED`.
    refused: tuple[RowResult, ...]

    @property
    def added(self) -> int:
        """How many rows made a new subscription."""
        return self.counts[RowOutcome.ADDED]


#: A file of another kind refuses all its rows; a report of them all helps nobody.
MAX_LISTED = 1000

#: Rows in one transaction.
BATCH = 500


def import_file(
    write: Callable[[], AbstractContextManager[Connection]],
    file: BinaryIO,
    options: ImportOptions,
) -> Iterator[RowResult]:
    """Bring in a CSV file; the rows are written as their results are taken.

    Args:
        write: opens a transaction; each holds `BATCH` rows, so that nobody who wants to leave
            waits for a long file. An import that broke off is simply run again.
        file: seekable, opened for bytes.
        options: how.

    Raises:
        CsvError: the file cannot be read as a whole; nothing was written.
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
    """Write what one row says; also the way to add one person by hand."""
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
    """Keep of a second row of one address only what may end mail.

    Otherwise two rows that differ would change each other's words at every import.
    """
    if row.address.key not in seen:
        return row
    return replace(row, name="", preferences=Preferences())
