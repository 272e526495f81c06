"""Writes and reads the cursors of pages, which mean nothing to the programs that send them back."""

from __future__ import annotations

import base64
import json

from digest.web.api.problems import Problem

#: The largest id that every supported database can store.
_MAX_ID = 2**31 - 1


def write_cursor(*parts: str | int) -> str:
    """Return a cursor with some values."""
    packed = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_id(cursor: str) -> int | None:
    """Return the id of a cursor; None for an empty one; raises as `read_place`."""
    place = read_place(cursor)
    return place[1] if place else None


def read_place(cursor: str) -> tuple[str, int] | None:
    """Return the text and the id of a cursor; None for an empty one.

    Raises:
        Problem: it is none of ours: 422.
    """
    match _read(cursor):
        case None:
            return None
        case [str(text), int(number)] if 0 <= number <= _MAX_ID and "\0" not in text:
            return text, number
    raise _foreign()


def read_text(cursor: str) -> str:
    """Return the text of a cursor; empty for an empty one; raises as `read_place`."""
    match _read(cursor):
        case None:
            return ""
        case [str(text)] if "\0" not in text:
            return text
    raise _foreign()


def _read(cursor: str) -> object:
    if not cursor:
        return None
    try:
        unpacked: object = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        json.dumps(unpacked, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise _foreign() from error
    return [] if unpacked is None else unpacked


def _foreign() -> Problem:
    return Problem(422, "cursor: is not one of this list", "Leave it out for the first page.")
