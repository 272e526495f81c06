"""How texts are read from SQLite, which keeps a value of any kind in any column.

One flipped bit makes a text a blob of the same length, and no check of SQLite sees that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect, String, Text

from subscribers.columns import DamagedValueError


class _ReadString(String):
    """A short text."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return the function that reads a stored text."""
        del dialect, coltype
        return _read_text


class _ReadText(Text):
    """A text of any length."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return the function that reads a stored text."""
        del dialect, coltype
        return _read_text


def _read_text(value: Any) -> Any:
    if value.__class__ is bytes:
        raise DamagedValueError(f"{value[:40]!r} is not a text")
    return value


#: The types by those of the tables, for a dialect of SQLAlchemy.
TYPES: dict[type[Any], type[Any]] = {String: _ReadString, Text: _ReadText}
