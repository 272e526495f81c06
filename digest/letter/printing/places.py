"""The places for a subscriber's own values in the editor's texts and in templates.

An editor writes `{{ subscriber.NAME }}` or `{{ subscriber.NAME | "fallback" }}`; nothing else is
read, and the text is never run as a template. A place is filled when a mail is joined, so that it
does not multiply the variants.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from digest.letter.plain import one_line
from subscribers.fields import BUILT_IN

#: Characters of a fallback; longer ones are no place.
MAX_FALLBACK = 60
FORMS = '{{ subscriber.NAME }} or {{ subscriber.NAME | "fallback" }}'

_PLACE = re.compile(
    r"\{\{\s*subscriber\.(?P<name>[a-z][a-z0-9_]{0,31})\s*"
    rf'(?:\|\s*"(?P<fallback>[^"{{}}\\]{{0,{MAX_FALLBACK}}})"\s*)?\}}\}}'
)
#: What is meant as a place, and may be none.
_MEANT = re.compile(r"\{\{.{0,80}?\}\}|\{\{.{0,40}|[{%]\s*subscriber\.\w{0,32}", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place for one value of the subscriber."""

    #: The field's name, `name` or `address`.
    name: str
    #: Printed for a subscriber without the value; may be empty.
    fallback: str = ""
    #: A space or nothing: printed before and after a value, so that there is none if it is empty.
    before: str = ""
    after: str = ""

    def fill(self, values: Mapping[str, str] | None) -> str:
        """Return what is printed, in one line.

        Args:
            values: the subscriber's values by name; None for a sample without a subscriber, which
                prints the name in parentheses if there is no fallback.
        """
        value = one_line((values or {}).get(self.name, "")) or self.fallback
        if values is None and not value:
            value = f"({self.name})"
        return f"{self.before}{value}{self.after}" if value else ""

    @property
    def code(self) -> str:
        """The place in hex digits, which no step between template and mail changes."""
        parts = [self.name, self.fallback, self.before, self.after]
        return json.dumps(parts, separators=(",", ":"), ensure_ascii=False).encode().hex()

    @classmethod
    def of_code(cls, code: str) -> Place:
        """Return the place of a `code`.

        Raises:
            ValueError: the text is not a code.
        """
        return _read_code(code)


@lru_cache(maxsize=256)
def _read_code(code: str) -> Place:
    name, fallback, before, after = json.loads(bytes.fromhex(code))
    return Place(name=name, fallback=fallback, before=before, after=after)


def print_places(text: str, known: Collection[str], draw: Callable[[Place], str]) -> str:
    """Return an editor's text with its places drawn; what is no place stays as it is.

    A place takes the space before it, or at the start of the text the space after it: where the
    value is empty, no double space is left.

    Args:
        text: the text, in one line.
        known: the names that exist.
        draw: the function that returns the text of a place.
    """
    printed, at = "", 0
    for found in _PLACE.finditer(text):
        if found["name"] not in known:
            continue
        before, start, end = "", found.start(), found.end()
        if start > at and text[start - 1] == " ":
            before, start = " ", start - 1
        after = ""
        if start == 0 and text[end : end + 1] == " ":
            after, end = " ", end + 1
        place = Place(
            name=found["name"],
            fallback=one_line(found["fallback"] or ""),
            before=before,
            after=after,
        )
        printed, at = printed + text[at:start] + draw(place), end
    return printed + text[at:]


def find_faults(text: str, known: Collection[str]) -> Iterator[str]:
    """Yield a message for each place in a text that is malformed or names no field."""
    for found in _PLACE.finditer(text):
        if found["name"] not in known:
            yield unknown_name(found["name"], known)
    for found in _MEANT.finditer(_PLACE.sub(" ", text)):
        yield f"{found[0]!r} is no place for a subscriber's value; write {FORMS}"


def unknown_name(name: str, known: Collection[str]) -> str:
    """Return the message for a name that does not exist, with the nearest one."""
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(sorted(known))}"
    return f"subscriber.{name}: no field in [[fields]] has this name; {hint}"


def known_names(fields: Collection[str]) -> frozenset[str]:
    """Return every name that texts and templates may use, given the names of the fields."""
    return frozenset((*BUILT_IN, *fields))
