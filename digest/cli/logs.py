"""Sets up the log: lines for people, or one JSON object a line for programs.

Both have the time in UTC; neither has the address of a person.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from enum import StrEnum

from digest.errors import UsageError
from digest.text.redaction import without_addresses


class LogFormat(StrEnum):
    """The form of the log."""

    TEXT = "text"
    JSON = "json"


def set_up(form: str, *, is_verbose: bool) -> None:
    """Write the log to standard error.

    Args:
        form: a `LogFormat`.
        is_verbose: whether to log details; else errors only, until `digest run` asks for more.

    Raises:
        UsageError: there is no such form.
    """
    if form not in tuple(LogFormat):
        raise UsageError(f"--log {form!r}: must be text or json")
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == LogFormat.JSON else TextLines())
    logging.basicConfig(level=logging.INFO if is_verbose else logging.ERROR, handlers=[handler])


class TextLines(logging.Formatter):
    """One line for people: time, level, place, message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback follows it."""
        text = super().format(record)
        line = f"{_time(record)} {record.levelname} {record.name}: {text}"
        return without_addresses(line)


class JsonLines(logging.Formatter):
    """One JSON object: `time`, `level`, `logger`, `message`, and the fields of the event."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object in one line."""
        shown: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            shown["exception"] = self.formatException(record.exc_info)
        return without_addresses(json.dumps(shown, ensure_ascii=False, default=str))


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
