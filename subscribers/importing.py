"""Imports subscribers from a file, with a result for each row.

The file is read twice: first to decide what its columns mean, then to import its rows, in batches
and in flat memory. Importing the same file again changes nothing, and a bad row never stops the
rest. A later row of the same address can only end a subscription.
"""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import BinaryIO, TextIO

from sqlalchemy import Connection

from subscribers.batches import Entry, find_entries, store_entries
from subscribers.batches import RowOutcome as RowOutcome
from subscribers.csvfile import Record, guard_cell, open_text, read_records
from subscribers.filecolumns import ColumnChoices, find_columns, fold_name, nearest
from subscribers.listcells import Columns
from subscribers.merging import ImportOptions
from subscribers.preferences import Preferences, State
from subscribers.rows import PAUSE, RowError, SubscriberRow, read_row, split_list
from subscribers.seen import SeenAddresses


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
    #: Columns whose cell was left out, and why.
    unread: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of a file."""

    #: The number of rows for every outcome, zeros included.
    counts: Mapping[RowOutcome, int]
    #: The first refused rows, at most `MAX_LISTED`.
    refused: tuple[RowResult, ...]
    #: The number of refused rows by their bad column.
    refused_by: Mapping[str, int] = field(default_factory=dict)
    #: The number of rows that were not refused, by the state that they name: `left`, `bounced`.
    states: Mapping[State, int] = field(default_factory=dict)
    #: The headings of columns that were not read.
    unread: tuple[str, ...] = ()
    #: What the operator should know about the file, one line each.
    warnings: tuple[str, ...] = ()
    #: Whether nothing was written.
    is_dry_run: bool = False

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
    *,
    is_dry_run: bool = False,
    size: int = BATCH,
) -> Iterator[RowResult]:
    """Import a CSV file; rows are written while the caller iterates over the results.

    Args:
        write: the function that opens a transaction; each has `size` rows, so that an
            unsubscribe never waits for a long file. Run an interrupted import again.
        file: the seekable file, opened for bytes.
        options: the options of the import.
        columns: the result of `read_columns` for this file; None to decide it here.
        is_dry_run: whether to write nothing; the results are the same. Then `write` may open a
            transaction that only reads.
        size: the number of rows of a batch.

    Raises:
        CsvError: the file cannot be read, or a column may say who has left and is not certain;
            nothing was written.
    """
    known = read_columns(file) if columns is None else columns
    with open_text(file) as text, SeenAddresses() as seen:
        records = itertools.islice(read_records(text), 1, None)
        # Of each record only what is stored is kept until its batch is full.
        rows = (_read(known, record, options) for record in records)
        while batch := tuple(itertools.islice(rows, size)):
            with write() as connection:
                done = _import(connection, batch, seen, options, is_dry_run=is_dry_run)
            yield from done


def summarise(
    results: Iterable[RowResult], columns: Columns | None = None, *, is_dry_run: bool = False
) -> ImportReport:
    """Count outcomes and keep the first refused rows."""
    counts, states, bad = Counter[RowOutcome](), Counter[State](), Counter[str]()
    refused: list[RowResult] = []
    unread = _UnreadCells()
    for result in results:
        unread.add(result)
        counts[result.outcome] += 1
        if result.state is not None:
            states[result.state] += 1
        if result.outcome is RowOutcome.REFUSED:
            bad[result.column] += 1
            if len(refused) < MAX_LISTED:
                refused.append(result)
    return ImportReport(
        counts={outcome: counts[outcome] for outcome in RowOutcome},
        refused=tuple(refused),
        refused_by=dict(bad.most_common()),
        states={state: states[state] for state in State if states[state]},
        unread=columns.unread if columns else (),
        warnings=(*(columns.warnings if columns else ()), *unread.warnings()),
        is_dry_run=is_dry_run,
    )


class _UnreadCells:
    """Counts the cells that were left out, by column and reason; few reasons are kept."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, int, str]] = {}

    def add(self, result: RowResult) -> None:
        for name, why in result.unread:
            count, line, first = self._found.get(name, (0, result.line, why))
            self._found[name] = (count + 1, line, first)

    def warnings(self) -> Iterator[str]:
        for name, (count, line, why) in self._found.items():
            cells = "1 cell" if count == 1 else f"{count} cells"
            effect = "these people are paused for a year" if name == PAUSE else "left out"
            where = f"the first in line {line}"
            yield f"{cells} of {name!r} cannot be used, {where}: it {why}; {effect}"


def write_results(results: Iterable[RowResult], file: TextIO) -> Iterator[RowResult]:
    """Yield results; write each as a row of a CSV file: line, outcome, and the reason if refused.

    Args:
        results: the results of a file; they are read one by one.
        file: the output, opened with `newline=""`.
    """
    writer = csv.writer(file)
    writer.writerow(("line", "outcome", "reason"))
    for result in results:
        reason = f"{result.column}: {result.reason}" if result.column else result.reason
        reason += "; ".join(f"{name}: {why}" for name, why in result.unread)
        writer.writerow((result.line, result.outcome, guard_cell(reason)))
        yield result


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
    """Store the data of one row; used to add one person manually."""
    entries = find_entries(connection, (row,), options)
    outcome = entries[row.address.key].apply(row, options)
    store_entries(connection, entries.values(), options)
    return outcome


@dataclass(frozen=True, slots=True)
class _ReadRow:
    """One row of the file, ready to be imported."""

    line: int
    #: The address, masked.
    shown: str
    row: SubscriberRow | RowError


def _read(columns: Columns, record: Record, options: ImportOptions) -> _ReadRow:
    row: SubscriberRow | RowError
    try:
        row = read_row(
            columns,
            record,
            now=options.now,
            allow_reserved=options.allow_reserved,
            zone=options.zone,
        )
        row = _with_known_categories(row, options)
    except RowError as error:
        # A new one: that which was raised keeps the whole row in its traceback.
        row = RowError(error.column, error.reason)
    return _ReadRow(record.line, columns.address(record), row)


def _import(
    connection: Connection,
    batch: Sequence[_ReadRow],
    seen: SeenAddresses,
    options: ImportOptions,
    *,
    is_dry_run: bool,
) -> list[RowResult]:
    """Import the rows of a batch; return their results."""
    good = [each.row for each in batch if isinstance(each.row, SubscriberRow)]
    entries = find_entries(connection, good, options)
    before: dict[str, Entry | None] = seen.find(list(entries))
    # A dry run sees what the rows before it would have written.
    entries |= {key: entry for key, entry in before.items() if entry is not None}
    repeated = set(before)
    results = [_merge(each, entries, repeated, options) for each in batch]
    if is_dry_run:
        seen.keep(entries)
    else:
        store_entries(connection, entries.values(), options)
        seen.add(entries)
    return results


def _merge(
    read: _ReadRow, entries: Mapping[str, Entry], repeated: set[str], options: ImportOptions
) -> RowResult:
    row = read.row
    if isinstance(row, RowError):
        return RowResult(
            line=read.line,
            outcome=RowOutcome.REFUSED,
            address=read.shown,
            column=row.column,
            reason=row.reason,
        )
    key = row.address.key
    outcome = entries[key].apply(_without_choices(row) if key in repeated else row, options)
    repeated.add(key)
    return RowResult(
        line=read.line, outcome=outcome, address=read.shown, state=row.state, unread=row.unread
    )


def _with_known_categories(row: SubscriberRow, options: ImportOptions) -> SubscriberRow:
    """Return a row with categories that the newsletter has; an ended one may have any."""
    chosen = row.preferences
    if not options.categories or not chosen.categories or (row.state and row.state.is_ended):
        return row
    categories = known_categories(chosen.categories, options.categories)
    return replace(row, preferences=replace(chosen, categories=categories))


def _without_choices(row: SubscriberRow) -> SubscriberRow:
    """Drop the choices and values of a repeated address, so that the row can only end mail.

    Otherwise two different rows would overwrite each other at every import.
    """
    return replace(row, name="", preferences=Preferences(), source="", fields=())
