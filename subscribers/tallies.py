"""Counts the kinds of cells in each column of a file, in bounded memory. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache

from subscribers.csvfile import Record
from subscribers.times import Order, order_shown, read_time
from subscribers.words import fold, is_false, is_plain_ending, is_state_word, is_true

#: Longer cells are texts.
_MAX_CELL = 64
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_URL = re.compile(r"https?://|www\.", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")


class Kind(Enum):
    """What a cell looks like."""

    YES = auto()
    NO = auto()
    ONE = auto()
    ZERO = auto()
    #: Any other number.
    NUMBER = auto()
    #: Only lists of subscribers have such words.
    ENDING = auto()
    #: The words of a state, which other columns may have too.
    STATE = auto()
    DATE = auto()
    ADDRESS = auto()
    URL = auto()
    TEXT = auto()


@dataclass(slots=True)
class Tally:
    """The cells of one column, without the blank ones."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    #: The first cell of each kind, with its line.
    first: dict[Kind, tuple[str, int]] = field(default_factory=dict)
    #: The orders of day and month that its dates show.
    orders: set[Order] = field(default_factory=set)

    @property
    def cells(self) -> int:
        """The number of cells that are not blank."""
        return self.kinds.total()

    def count(self, *kinds: Kind) -> int:
        """Return how many cells are of these kinds."""
        return sum(self.kinds[kind] for kind in kinds)

    def has_half(self, *kinds: Kind) -> bool:
        """Whether at least half of the cells are of these kinds."""
        return 0 < self.cells <= 2 * self.count(*kinds)

    def add(self, cell: str, line: int) -> None:
        """Count one cell that is not blank."""
        kind = kind_of(cell) if len(cell) <= _MAX_CELL else Kind.TEXT
        self.kinds[kind] += 1
        if kind not in self.first:
            self.first[kind] = (cell, line)
        if kind is Kind.DATE and (shown := order_shown(cell)):
            self.orders.add(shown)


def tally_columns(records: Iterable[Record]) -> tuple[dict[int, Tally], int]:
    """Return the tally of each column by its place, and the number of rows."""
    tallies: dict[int, Tally] = {}
    rows = 0
    for record in records:
        rows += 1
        for place, cell in enumerate(record.cells):
            if text := cell.strip():
                (tallies.get(place) or tallies.setdefault(place, Tally())).add(text, record.line)
    return tallies, rows


@lru_cache(maxsize=16_384)
def kind_of(cell: str) -> Kind:
    """Return what a trimmed cell looks like."""
    word = fold(cell)
    if word in ("1", "0"):
        return Kind.ONE if word == "1" else Kind.ZERO
    if is_true(word):
        return Kind.YES
    if is_false(word):
        return Kind.NO
    if order_shown(cell) or read_time(cell, order=Order.UNKNOWN):
        return Kind.DATE
    if _NUMBER.fullmatch(cell):
        return Kind.NUMBER
    if _ADDRESS.fullmatch(cell):
        return Kind.ADDRESS
    if _URL.match(cell):
        return Kind.URL
    if is_plain_ending(word):
        return Kind.ENDING
    return Kind.STATE if is_state_word(word) else Kind.TEXT
