"""How texts and numbers are read from SQLite, which keeps a value of any kind in any column.

One flipped bit makes a text a blob of the same length, and no check of SQLite sees that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect, Integer, String, Text

from subscribers.columns import DamagedValueError

Reader = Callable[[Any], Any]


class _ReadString(String):
    """A short text."""

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Reader:
        """Return the function that reads a stored text."""
        return _read_text


class _ReadText(Text):
    """A text of any length."""

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Reader:
        """Return the function that reads a stored text."""
        return _read_text


class _ReadInteger(Integer):
    """A whole number."""

    def result_processor(self, _dialect: Dialect, _coltype: object) -> Reader:
        """Return the function that reads a stored number."""
        return _read_number


def _read_text(value: Any) -> Any:
    if value.__class__ is bytes:
        raise DamagedValueError(f"{value[:40]!r} is not a text")
    return value


def _read_number(value: Any) -> Any:
    if value is not None and value.__class__ is not int:
        raise DamagedValueError(f"{str(value)[:40]!r} is not a whole number")
    return value


#: The types by those of the tables, for a dialect of SQLAlchemy.
TYPES: dict[type[Any], type[Any]] = {
    String: _ReadString,
    Text: _ReadText,
    Integer: _ReadInteger,
}
