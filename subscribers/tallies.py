"""Counts the kinds of cells in each column of a file, in bounded memory. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from enum import IntEnum, auto
from functools import lru_cache

from subscribers.csvfile import Record
from subscribers.times import Order, is_date, order_shown
from subscribers.words import fold, is_false, is_plain_ending, is_state_word, is_true

#: Longer cells are texts.
_MAX_CELL = 64
#: Longer words are keys or links.
_MAX_WORD = 32
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"[+-]?[$€£¥]? ?\d+([.,]\d+)* ?[%$€£¥]?")
_URL = re.compile(r"https?://|www\.", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")


class Kind(IntEnum):
    """The look of a cell."""

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
        kind = kind_of(cell)
        self.kinds[kind] += 1
        if kind not in self.first:
            self.first[kind] = (cell[:_MAX_CELL], line)
        # Only dates such as `2/12/2018` may be read in two ways.
        if kind is Kind.DATE and not cell[:4].isdigit() and (shown := order_shown(cell)):
            self.orders.add(shown)


def tally_columns(records: Iterable[Record], *, skip: Container[int] = ()) -> dict[int, Tally]:
    """Return the tally of each column by its place, but for those at the places `skip`."""
    tallies: dict[int, Tally] = {}
    for record in records:
        for place, cell in enumerate(record.cells):
            if cell and place not in skip and (text := cell.strip()):
                if place not in tallies:
                    tallies[place] = Tally()
                tallies[place].add(text, record.line)
    return tallies


def kind_of(cell: str) -> Kind:
    """Return what a trimmed cell looks like."""
    if len(cell) > _MAX_CELL:
        return Kind.TEXT
    if cell in ("1", "0"):
        return Kind.ONE if cell == "1" else Kind.ZERO
    if not cell.strip("0 -:/.T"):
        # Databases write a date of zeros for none.
        return Kind.NO
    if cell.isdigit():
        return Kind.DATE if is_date(cell) else Kind.NUMBER
    if "@" in cell and _ADDRESS.fullmatch(cell):
        return Kind.ADDRESS
    return _kind_of_shape(_DIGIT.sub("2", cell))


# The digits of a cell do not matter, so that the cells of a long file have few shapes; zeros alone
# would be a no.
@lru_cache(maxsize=65_536)
def _kind_of_shape(shape: str) -> Kind:
    if is_date(shape):
        return Kind.DATE
    if _NUMBER.fullmatch(shape):
        return Kind.NUMBER
    if _URL.match(shape):
        return Kind.URL
    if len(shape) > _MAX_WORD and " " not in shape:
        return Kind.TEXT
    word = fold(shape)
    if is_true(word):
        return Kind.YES
    if is_false(word):
        return Kind.NO
    if is_plain_ending(word):
        return Kind.ENDING
    return Kind.STATE if is_state_word(word) else Kind.TEXT
