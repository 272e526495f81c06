"""The operator's own fields of a person, such as a plan, and the form of their values. Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from subscribers.errors import SubscriberError

#: Characters of a text; longer ones are refused.
MAX_TEXT = 200
#: The form of a field's name.
NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
#: What every person has; texts and templates may print it like a field.
BUILT_IN = ("name", "address")
#: Names that mean something else in a file, a form or a template.
RESERVED = frozenset(
    """address bounced cadence categories category complained consent consent_at consent_how
    consent_text email field fields hour id joined joined_at language left left_at left_how name
    newsletter paused_until public_id source state status subscribed subscriber suppressed surname
    text_size timezone token zone""".split()  # noqa: SIM905
)

# A comma before three digits may also group thousands.
_NUMBER = re.compile(r"([+-]?)([0-9]{1,30})(?:\.([0-9]{1,30})|,([0-9]{1,2}|[0-9]{4,30}))?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MINUS = "\N{MINUS SIGN}"


class Kind(StrEnum):
    """The kind of a field's values."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field as configured."""

    name: str
    #: As shown to people.
    label: str
    kind: Kind = Kind.TEXT
    #: The values of a choice, as they are spelled; empty for other kinds.
    choices: tuple[str, ...] = ()
    #: Whether a subscriber may see it in forms, fill it in and change it.
    is_editable: bool = False


class FieldError(SubscriberError):
    """A value that a field cannot have; the message does not repeat the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInput:
    """The values of a form or a command, checked."""

    #: Normalised values by the field's name; an empty one removes the stored value.
    values: Mapping[str, str]
    #: What is wrong, one line each, by the name as written.
    errors: Mapping[str, str]


def read_fields(fields: Iterable[Field], written: Mapping[str, str]) -> FieldInput:
    """Check the values of a form or a command; a field that is not in `written` does not change.

    Args:
        fields: the configured fields.
        written: the values as written, by the field's name.
    """
    known = {field.name: field for field in fields}
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name, value in written.items():
        if name not in known:
            errors[name] = unknown_field(name, known)
            continue
        try:
            values[name] = parse_value(known[name], value)
        except FieldError as error:
            errors[name] = str(error)
    return FieldInput(values=values, errors=errors)


def unknown_field(name: str, known: Iterable[str]) -> str:
    """Return the message for the name of a field that does not exist, with the nearest name."""
    names = sorted(known)
    near = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.5)
    if near:
        return f"no field has this name; did you mean {near[0]!r}?"
    listed = f"use one of {', '.join(names)}" if names else "define it in [[fields]]"
    return f"no field has this name; {listed}"


def parse_value(field: Field, written: str) -> str:
    """Return a value as it is stored; equal values are stored as equal text, a blank one as empty.

    A text has one line and single spaces. A number is plain decimal, without zeros that mean
    nothing; a decimal comma becomes a point. A date is a day as `2026-03-01`. A choice is spelled
    as configured; case and spaces do not count.

    Raises:
        FieldError: the field cannot have this value.
    """
    text = _one_line(written)
    if not text:
        return ""
    if field.kind is Kind.NUMBER:
        return _parse_number(text)
    if field.kind is Kind.DATE:
        return _parse_day(text)
    if field.kind is Kind.CHOICE:
        return _parse_choice(text, field.choices)
    if len(text) > MAX_TEXT:
        raise FieldError(f"has {len(text)} characters; shorten it to at most {MAX_TEXT}")
    return text


def choice_key(choice: str) -> str:
    """Return a key that is the same for all spellings of one choice."""
    return " ".join(unicodedata.normalize("NFKC", choice).casefold().split())


def _one_line(written: str) -> str:
    """Return text in one line, composed, without the characters that no database can store."""
    composed = unicodedata.normalize("NFC", written)
    spaced = (" " if c.isspace() else c for c in composed)
    kept = (c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join("".join(kept).split())


def _parse_number(text: str) -> str:
    # Digits of every script; the sign as typographers write it.
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    found = _NUMBER.fullmatch(plain.replace(_MINUS, "-"))
    if found is None:
        raise FieldError("must be a plain number such as 12 or -3.5")
    sign, whole, rest = found[1], found[2].lstrip("0") or "0", (found[3] or found[4] or "")
    rest = rest.rstrip("0")
    number = f"{whole}.{rest}" if rest else whole
    return f"-{number}" if sign == "-" and number != "0" else number


def _parse_day(text: str) -> str:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise FieldError("must be a day such as 2026-03-01") from error


def _parse_choice(text: str, choices: tuple[str, ...]) -> str:
    spelled = {choice_key(choice): choice for choice in choices}
    found = spelled.get(choice_key(text))
    if found is None:
        raise FieldError(f"must be one of {', '.join(choices)}")
    return found
