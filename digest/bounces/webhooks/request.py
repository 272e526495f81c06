"""A request of a provider, and the JSON in it: of any shape, because anyone can send one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.bounces.parse import MAX_DIAGNOSTIC
from subscribers.return_paths import TRACES

#: A provider sends at most about 1 MB in one request.
MAX_EVENTS = 5_000
#: Objects and lists in one another.
_MAX_DEPTH = 20
#: Members of one object or list that are read.
_MAX_MEMBERS = 200
#: Longer texts that may name a delivery, such as a returned mail, are cut.
_MAX_TRACED = 50_000


class HookRefused(Exception):
    """The request does not prove that it comes from the provider."""


class HookUnreadable(Exception):
    """The request is not what the provider sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRequest:
    """A request as received."""

    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes
    #: When it came, aware.
    at: datetime


class Fields:
    """A JSON object; what it does not have, or has in another type, is empty."""

    def __init__(self, value: object) -> None:
        """Wrap a value; any other than an object has no fields."""
        self._value: dict[str, object] = value if isinstance(value, dict) else {}

    def __bool__(self) -> bool:
        """Whether it has any field."""
        return bool(self._value)

    def text(self, name: str, *, most: int = MAX_DIAGNOSTIC) -> str:
        """Return a text, shortened; a number is written out."""
        value = self._value.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = repr(value)
        # A lone surrogate cannot be stored.
        return value[:most].encode("utf-8", "replace").decode() if isinstance(value, str) else ""

    def says(self, name: str) -> bool:
        """Whether a field is true."""
        return self._value.get(name) is True

    def part(self, name: str) -> Fields:
        """Return an object in the object."""
        return Fields(self._value.get(name))

    def parts(self, name: str) -> tuple[Fields, ...]:
        """Return the objects of a list."""
        value = self._value.get(name)
        return tuple(map(Fields, value[:_MAX_MEMBERS])) if isinstance(value, list) else ()

    @property
    def digest(self) -> str:
        """A hash of everything in it, for an event without an id."""
        return hashlib.sha256(json.dumps(self._value, sort_keys=True).encode()).hexdigest()


def read_object(body: bytes | str) -> Fields:
    """Return the JSON object of a body.

    Raises:
        HookUnreadable: it is none.
    """
    value = _read_json(body)
    if not isinstance(value, dict):
        raise HookUnreadable("not a JSON object")
    return Fields(value)


def read_objects(body: bytes) -> tuple[Fields, ...]:
    """Return the JSON objects of a body that is a list.

    Raises:
        HookUnreadable: it is no list, or too long.
    """
    value = _read_json(body)
    if not isinstance(value, list) or len(value) > MAX_EVENTS:
        raise HookUnreadable(f"not a JSON list of at most {MAX_EVENTS} events")
    return tuple(map(Fields, value))


def find_traces(*texts: str) -> tuple[str, ...]:
    """Return the signed addresses and Message-IDs in texts, for `Mail.mentioned`."""
    return tuple(_traces(texts))


def _traces(texts: tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        yield from TRACES.findall(text[:_MAX_TRACED])


def _read_json(body: bytes | str) -> object:
    try:
        value: object = json.loads(body)
    # Nested too deeply, or a number of too many digits.
    except (ValueError, RecursionError) as error:
        raise HookUnreadable("not JSON") from error
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [member for each in level for member in _members(each)]
        if not level:
            return value
    raise HookUnreadable("nested too deeply")


def _members(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
