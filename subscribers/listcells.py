"""The columns of a list whose meaning is known, and the cells of its rows. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from subscribers.addresses import mask_address
from subscribers.csvfile import Record, unguard_cell
from subscribers.fields import Field
from subscribers.headings import HEADINGS, Meaning, plain
from subscribers.preferences import State
from subscribers.times import Order

#: A quoted cell behind a space, for which the parser keeps the quotes.
_QUOTED_LATE = re.compile(r'\s+"[^"]*"\s*')


@dataclass(frozen=True, slots=True, kw_only=True)
class StateColumn:
    """A column that says whether a person is subscribed."""

    place: int
    heading: str
    meaning: Meaning
    if_true: State = State.CONFIRMED
    if_false: State = State.LEFT
    #: The state of an empty cell; None if it says nothing.
    if_blank: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The meaning of the columns of a file."""

    #: Our name of a column, with its index from 0.
    places: Mapping[str, int]
    states: tuple[StateColumn, ...] = ()
    #: The columns of the operator's own fields, with their index from 0.
    fields: tuple[tuple[Field, int], ...] = ()
    #: The headings that are not read.
    unread: tuple[str, ...] = ()
    #: The order of day and month in dates such as `2/12/2018`.
    order: Order = Order.UNKNOWN
    #: What the operator should know about the file, one line each.
    warnings: tuple[str, ...] = ()

    def cell(self, record: Record, name: str) -> str:
        """Return one cell, trimmed; empty if the file does not have the column."""
        place = self.places.get(name)
        return "" if place is None else cell_at(record, place)

    def address(self, record: Record) -> str:
        """Return a row's address, masked for a report."""
        return mask_address(self.cell(record, "address"))


def cell_at(record: Record, place: int) -> str:
    """Return the cell at a place, trimmed; empty if the row has none."""
    if not 0 <= place < len(record.cells):
        return ""
    cell = record.cells[place]
    if _QUOTED_LATE.fullmatch(cell):
        cell = cell.strip()[1:-1]
    cell = cell.strip()
    return unguard_cell(cell).strip() if "'" in cell else cell


def address_place(header: Record) -> int | None:
    """Return the place of the column of addresses by its heading alone; None if none is known."""
    words = [plain(cell) for cell in header.cells]
    return next((words.index(known) for known in HEADINGS["address"] if known in words), None)
