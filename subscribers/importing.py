"""Imports subscribers from a file, with a result for each row.

The file is read twice: first to decide what its columns mean, then row by row. Importing the same
file again changes nothing, and a bad row never stops the rest. A later row of the same address can
only end a subscription.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import BinaryIO

from sqlalchemy import Connection

from subscribers.csvfile import Record, open_text, read_records
from subscribers.filecolumns import ColumnChoices, Columns, find_columns, fold_name, nearest
from subscribers.merging import ImportOptions, merge_subscription, start_subscription
from subscribers.people import (
    add_person,
    change_subscription,
    find_person,
    find_subscription,
    rename_person,
    subscribe,
)
from subscribers.preferences import Person, Preferences, State, Subscription
from subscribers.rows import RowError, SubscriberRow, read_row, split_list
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
    #: The state that the row names; None if it names none or was refused.
    state: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of a file."""

    #: The number of rows for every outcome, zeros included.
    counts: Mapping[RowOutcome, int]
    #: The first refused rows, at most `MAX_LISTED`.
    refused: tuple[RowResult, ...]
    #: The number of rows that were not refused, by the state that they name: `left`, `bounced`.
    states: Mapping[State, int] = field(default_factory=dict)
    #: The headings of columns that were not read.
    unread: tuple[str, ...] = ()
    #: What the operator should know about the file, one line each.
    warnings: tuple[str, ...] = ()

    @property
    def added(self) -> int:
        """The number of rows that added a subscription."""
        return self.counts[RowOutcome.ADDED]


#: The limit of listed rows: in a file of another kind every row is refused.
MAX_LISTED = 1000

#: Rows in one transaction.
BATCH = 500


def read_columns(file: BinaryIO, choices: ColumnChoices = ColumnChoices()) -> Columns:  # noqa: B008 - frozen
    """Decide what the columns of a CSV file mean; reads the whole file.

    Raises:
        CsvError: the file cannot be read, or a column may say who has left and is not certain.
        ColumnError: `choices` names a column that the file does not have, or an unknown meaning.
    """
    with open_text(file) as text:
        records = read_records(text)
        return find_columns(next(records, None), records, choices)


def import_file(
    write: Callable[[], AbstractContextManager[Connection]],
    file: BinaryIO,
    options: ImportOptions,
    columns: Columns | None = None,
) -> Iterator[RowResult]:
    """Import a CSV file; rows are written while the caller iterates over the results.

    Args:
        write: the function that opens a transaction; each has `BATCH` rows, so that an
            unsubscribe never waits for a long file. Run an interrupted import again.
        file: the seekable file, opened for bytes.
        options: the options of the import.
        columns: the result of `read_columns` for this file; None to decide it here.

    Raises:
        CsvError: the file cannot be read, or a column may say who has left and is not certain;
            nothing was written.
    """
    known = read_columns(file) if columns is None else columns
    seen: set[str] = set()
    with open_text(file) as text:
        records = itertools.islice(read_records(text), 1, None)
        while batch := tuple(itertools.islice(records, BATCH)):
            with write() as connection:
                results = [_import(connection, known, record, seen, options) for record in batch]
            yield from results


def summarise(results: Iterable[RowResult], columns: Columns | None = None) -> ImportReport:
    """Count outcomes and keep the refused rows."""
    counts, states = Counter[RowOutcome](), Counter[State]()
    refused: list[RowResult] = []
    for result in results:
        counts[result.outcome] += 1
        if result.state is not None:
            states[result.state] += 1
        if result.outcome is RowOutcome.REFUSED and len(refused) < MAX_LISTED:
            refused.append(result)
    return ImportReport(
        counts={outcome: counts[outcome] for outcome in RowOutcome},
        refused=tuple(refused),
        states={state: states[state] for state in State if states[state]},
        unread=columns.unread if columns else (),
        warnings=columns.warnings if columns else (),
    )


def known_categories(wanted: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return categories as the newsletter spells them; case and spaces do not count.

    Raises:
        RowError: the newsletter does not have one of them; the message has the nearest name.
    """
    spelled = {fold_name(name): name for name in known}
    found: set[str] = set()
    for name in wanted:
        parts = (name,) if fold_name(name) in spelled else split_list(name, ",")
        for part in parts:
            if fold_name(part) not in spelled:
                hint = "; separate several with semicolons" if len(parts) > 1 else ""
                raise RowError(
                    "categories",
                    f"the newsletter has no category {part[:40]!r}; the nearest is"
                    f" {nearest(part, known)!r}{hint}",
                )
            found.add(spelled[fold_name(part)])
    return tuple(sorted(found))


def apply_row(connection: Connection, row: SubscriberRow, options: ImportOptions) -> RowOutcome:
    """Store the data of one row; also used to add one person manually."""
    person = find_person(connection, row.address)
    if is_suppressed(connection, options.keys, row.address):
        return _end_suppressed(connection, person, row, options)
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
        row = read_row(columns, record, allow_reserved=options.allow_reserved, zone=options.zone)
        row = _with_known_categories(row, options)
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
    return RowResult(line=record.line, outcome=outcome, address=shown, state=row.state)


def _with_known_categories(row: SubscriberRow, options: ImportOptions) -> SubscriberRow:
    """Return a row with categories that the newsletter has; an ended one may have any."""
    chosen = row.preferences
    if not options.categories or not chosen.categories or (row.state and row.state.is_ended):
        return row
    categories = known_categories(chosen.categories, options.categories)
    return replace(row, preferences=replace(chosen, categories=categories))


def _end_suppressed(
    connection: Connection, person: Person | None, row: SubscriberRow, options: ImportOptions
) -> RowOutcome:
    """Write nothing about a suppressed address but the end of its subscription."""
    known = find_subscription(connection, person.id, options.newsletter) if person else None
    if person is None or known is None or row.state is None or not row.state.is_ended:
        return RowOutcome.SUPPRESSED
    return _update(connection, person, known, row, options)


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
