"""Suppresses the addresses of a file: one a line, or a CSV with a column of addresses."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Connection

from subscribers.addresses import Address, AddressError, mask_address, parse_address
from subscribers.batches import RowOutcome
from subscribers.csvfile import CsvError, Record, open_text, read_records
from subscribers.importing import BATCH, RowResult
from subscribers.listcells import address_place, cell_at
from subscribers.suppression import SuppressionReason, suppress_many

#: The possible outcomes of an address.
OUTCOMES = (RowOutcome.SUPPRESSED, RowOutcome.UNCHANGED, RowOutcome.REFUSED)
#: What stands around the addresses of a cell such as `Ann <ann@x.org>, mailto:bob@x.org`.
_AROUND = re.compile(r"mailto:|[,;<>\"()]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Found:
    """One address of a row, or why it cannot be read."""

    line: int
    shown: str
    address: Address | None = None
    reason: str = ""


def suppress_file(
    write: Callable[[], AbstractContextManager[Connection]],
    file: BinaryIO,
    keys: Sequence[str],
    *,
    now: datetime,
    allow_reserved: bool = False,
) -> Iterator[RowResult]:
    """Suppress addresses; they are written while the caller iterates over the results.

    If the first row has a known heading of addresses, only that column counts; else every cell
    with an `@`. A cell may have several addresses, and names beside them. A row without an
    address is refused and does not stop the others.

    Args:
        write: the function that opens a transaction; each has at most `BATCH` addresses.
        file: the seekable file, opened for bytes.
        keys: the secret keys, newest first.
        now: the current time.
        allow_reserved: whether to accept addresses of example and test domains.

    Yields:
        A result for each address and each refused row: `suppressed`, `unchanged` or `refused`.

    Raises:
        CsvError: the file is too large or empty.
    """
    with open_text(file) as text:
        records = read_records(text)
        first = next(records, None)
        if first is None:
            raise CsvError("the file is empty")
        place = address_place(first)
        if place is None:
            records = itertools.chain([first], records)
        found = (each for record in records for each in _read(record, place, allow_reserved))
        while batch := tuple(itertools.islice(found, BATCH)):
            with write() as connection:
                new = _suppress(connection, keys, batch, now=now)
            yield from (_result(each, new) for each in batch)


def _read(record: Record, place: int | None, allow_reserved: bool) -> Iterator[_Found]:
    if record.problem:
        yield _Found(record.line, "…", reason=record.problem)
        return
    cells = [cell_at(record, at) for at in range(len(record.cells))]
    wanted = [cell for cell in cells if "@" in cell] if place is None else [cell_at(record, place)]
    for cell in itertools.chain.from_iterable(map(_split, wanted or cells[:1])):
        try:
            address = parse_address(cell, allow_reserved=allow_reserved)
            yield _Found(record.line, mask_address(cell), address)
        except AddressError as error:
            yield _Found(record.line, mask_address(cell), reason=str(error))


def _split(cell: str) -> list[str]:
    """Return the parts of a cell that may be addresses; the cell itself if none may.

    A name beside an address is no reason to go on mailing to it.
    """
    return [part.strip() for part in _AROUND.split(cell) if "@" in part] or [cell]


def _suppress(
    connection: Connection, keys: Sequence[str], found: Sequence[_Found], *, now: datetime
) -> set[str]:
    """Suppress the addresses of a batch; return the keys of those that were not suppressed."""
    wanted = {each.address.key: each.address for each in found if each.address}
    reasons = dict.fromkeys(wanted.values(), (SuppressionReason.MANUAL,))
    return suppress_many(connection, keys, reasons, now=now)


def _result(each: _Found, new: set[str]) -> RowResult:
    if each.address is None:
        outcome = RowOutcome.REFUSED
    elif each.address.key in new:
        outcome = RowOutcome.SUPPRESSED
        new.discard(each.address.key)
    else:
        outcome = RowOutcome.UNCHANGED
    return RowResult(
        line=each.line,
        outcome=outcome,
        address=each.shown,
        column="address" if each.reason else "",
        reason=each.reason,
    )
