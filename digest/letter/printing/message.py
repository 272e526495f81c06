"""Encodes a letter once per variant, and joins it with the values of each subscriber.

Everything except the subscriber's own values is encoded once; a message joins those literal
pieces and the subscriber's few values. Encoding every message separately takes 100 times as long.
The same pieces and values give the same bytes, so a repeated mail can be recognised.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from operator import attrgetter, methodcaller

from digest.letter.printing.headers import DELIVERY_MARK, HeaderFacts, list_headers, opening_headers
from digest.letter.printing.personal import BODY_PLACES, PersonalValues
from digest.letter.printing.places import Place
from digest.letter.printing.quoting import quote_open, quote_plain, quote_printable
from digest.models import Edition, Message

_FORMAT = 1
_SPACES = re.compile(r"\s+")
#: Begins the name of a place for the subscriber's own value; its code follows.
_OWN = "own_"
#: The places in the headers.
_HEADER_PLACES = ("header.to", "header.date", "header.message_id", "header.one_click_url")
#: The parts of a mail that have personal places in their body.
_PARTS = ("text", "html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """An encoded mail with open personal places.

    `literals` are the bytes before, between and after `places`, so there is one more of them.
    The name of a place is its part and its value: `header.to`, `text.leave_url`, `html.leave_url`,
    and `html.own_` with the code of a place for the subscriber's own value.
    """

    literals: tuple[bytes, ...]
    places: tuple[str, ...]
    #: Whether no line of a mail begins with a dot; False for some that an older version wrote.
    is_dot_free: bool = field(init=False, compare=False, repr=False)
    #: Each value of the body once, however often the letter prints it.
    values: tuple[_BodyValue, ...] = field(init=False, compare=False, repr=False)
    #: For each place, the number of its value: those of the headers, then two for each of `values`.
    order: tuple[int, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Find out once what every mail needs to know."""
        values = _body_values(self.places)
        names = [*_HEADER_PLACES]
        for value in values:
            names += [f"{part}.{value.name}" for part in _PARTS]
        object.__setattr__(self, "is_dot_free", not any(map(_has_dot, self.literals)))
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "order", tuple(map(names.index, self.places)))

    @property
    def fields(self) -> frozenset[str]:
        """The names of the subscriber's own values that the mail prints."""
        codes = (place.partition(f".{_OWN}")[2] for place in self.places)
        return frozenset(Place.of_code(code).name for code in codes if code)

    def to_bytes(self) -> bytes:
        """Return the pieces as bytes to store."""
        literals = [literal.decode("ascii") for literal in self.literals]
        stored = {"format": _FORMAT, "literals": literals, "places": self.places}
        return json.dumps(stored, separators=(",", ":")).encode("ascii")

    @classmethod
    def from_bytes(cls, stored: bytes) -> Pieces:
        """Read the result of `to_bytes`.

        Raises:
            ValueError: the bytes have another format.
        """
        read = json.loads(stored)
        if not isinstance(read, dict) or read.get("format") != _FORMAT:
            raise ValueError("stored pieces: unknown format; freeze the edition again")
        try:
            literals = tuple(literal.encode("ascii") for literal in read["literals"])
            return cls(literals=literals, places=tuple(read["places"]))
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError("stored pieces: damaged") from error


def compile_letter(
    *, subject: str, html: str, text: str, edition: Edition, facts: HeaderFacts, marks: PlaceMarks
) -> Pieces:
    """Encode the parts of a letter that are the same for all subscribers of its variant.

    Args:
        subject: any text; characters that a header cannot contain are removed.
        html: the inlined HTML, with `marks` in its personal places.
        text: the plain text, with `marks` in its personal places.
        edition: the edition named in the list headers.
        facts: the sender.
        marks: the marks in both parts.
    """
    boundary = _boundary(html, text)
    builder = _Builder()
    _add_headers(builder, subject, edition, facts, boundary)
    builder.add(f"--{boundary}\r\n{_part_headers('plain')}")
    _add_part(builder, "text", text, marks)
    builder.add(f"\r\n--{boundary}\r\n{_part_headers('html')}")
    _add_part(builder, "html", html, marks)
    builder.add(f"\r\n--{boundary}--\r\n")
    return builder.build()


def join(pieces: Pieces, personal: PersonalValues) -> Message:
    """Return one subscriber's mail.

    Raises:
        ValueError: a header value contains a control character.
    """
    values = [
        _header_value(personal.address),
        _header_date(personal.date),
        _header_value(personal.message_id),
        _header_value(_unsubscribe_ways(personal)),
    ]
    for body in pieces.values:
        value = body.read(personal)
        encoded = quote_plain(value)
        if encoded is not None:
            values += (encoded, encoded)
        else:
            values += (body.encode(value), body.encode(escape(value)))
    content = [b""] * (len(pieces.literals) + len(pieces.places))
    content[0::2] = pieces.literals
    content[1::2] = [values[number] for number in pieces.order]
    return Message(
        message_id=personal.message_id,
        sender=personal.sender,
        recipient=personal.address,
        content=b"".join(content),
        is_dot_free=pieces.is_dot_free,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _BodyValue:
    """A value that the letter prints in one of its parts or in both."""

    name: str
    read: Callable[[PersonalValues], str]
    encode: Callable[[str], bytes]


def _body_values(places: tuple[str, ...]) -> tuple[_BodyValue, ...]:
    """Return the values of the places in the body, in order.

    Raises:
        ValueError: the name of a place is unknown.
    """
    parts = (place.partition(".") for place in places)
    return tuple(map(_body_value, dict.fromkeys(name for part, _, name in parts if part in _PARTS)))


def _body_value(name: str) -> _BodyValue:
    read: Callable[[PersonalValues], str] = attrgetter(name)
    encode: Callable[[str], bytes] = _encode_value
    if name.startswith(_OWN):
        read = methodcaller("own_value", Place.of_code(name.removeprefix(_OWN)))
        encode = quote_open
    elif name not in BODY_PLACES:
        raise ValueError(f"stored pieces: unknown place {name!r}; freeze the edition again")
    return _BodyValue(name=name, read=read, encode=encode)


def _has_dot(literal: bytes) -> bool:
    """Whether a line of a literal begins with a dot; the bytes before it may end a line."""
    return literal.startswith(b".") or b"\n." in literal


class _Builder:
    """Collects text and places; adjacent texts become one literal."""

    def __init__(self) -> None:
        self._literals: list[list[bytes]] = [[]]
        self._places: list[str] = []

    def add(self, words: str | bytes) -> None:
        self._literals[-1].append(words.encode("ascii") if isinstance(words, str) else words)

    def add_place(self, name: str) -> None:
        self._places.append(name)
        self._literals.append([])

    def build(self) -> Pieces:
        literals = tuple(b"".join(words) for words in self._literals)
        return Pieces(literals=literals, places=tuple(self._places))


def _add_headers(
    builder: _Builder, subject: str, edition: Edition, facts: HeaderFacts, boundary: str
) -> None:
    builder.add("\r\n".join([*opening_headers(facts, subject), "To: "]))
    builder.add_place("header.to")
    builder.add("\r\nDate: ")
    builder.add_place("header.date")
    builder.add("\r\nMessage-ID: ")
    builder.add_place("header.message_id")
    for line in facts.delivery_headers:
        before, mark, after = line.partition(DELIVERY_MARK)
        builder.add(f"\r\n{before}")
        if mark:
            builder.add_place("header.message_id")
        builder.add(after)
    builder.add("\r\nMIME-Version: 1.0\r\n")
    builder.add(f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n')
    # One line, never folded or encoded: mail programs understand nothing else here.
    builder.add("List-Unsubscribe: <")
    builder.add_place("header.one_click_url")
    builder.add(">\r\n" + "\r\n".join(list_headers(facts, edition)) + "\r\n\r\n")


def _part_headers(subtype: str) -> str:
    return (
        f"Content-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )


def _boundary(html: str, text: str) -> str:
    """Return a boundary that quoted-printable never contains: there hex digits follow `=`."""
    return "=_" + hashlib.sha256(f"{text}\0{html}".encode()).hexdigest()[:32]


def _add_part(builder: _Builder, part: str, words: str, marks: PlaceMarks) -> None:
    """Encode a part; each place starts a new line, so that values of any length fit."""
    pieces = marks.split(words)
    for before, name in zip(pieces[0::2], pieces[1::2], strict=False):
        builder.add(quote_open(before))
        builder.add_place(f"{part}.{name.lower()}")
    builder.add(quote_printable(pieces[-1]))


def _unsubscribe_ways(personal: PersonalValues) -> str:
    """Return the addresses of `List-Unsubscribe` between its outer brackets, https first."""
    if not personal.leave_address:
        return personal.one_click_url
    return f"{personal.one_click_url}>, <mailto:{personal.leave_address}"


@lru_cache(maxsize=4096)
def _encode_value(value: str) -> bytes:
    """Encode a value in one line, such as a day, which is that of many subscribers.

    A space at its start stays because the phrase follows a word.
    """
    if not value.isprintable() or "  " in value:
        value = _SPACES.sub(" ", value)
    return quote_open(value.rstrip())


@lru_cache(maxsize=64)
def _header_date(date: datetime) -> bytes:
    return format_datetime(date).encode("ascii")


def _header_value(value: str) -> bytes:
    """Refuse a value that could start another header; the error does not repeat the value."""
    if not value.isprintable():
        raise ValueError(
            "a subscriber's address or link contains a control character; no mail was built"
        )
    return value.encode()


_ANY_PLACE = rf"{'|'.join(BODY_PLACES)}|{_OWN}[0-9a-f]+"
#: The start of every mark; what is left of a mark that a template has cut.
MARK_START = "PLACE_"
#: Any mark of any letter; a finished mail must not contain one. Templates may print a title in
#: capitals.
MARK = re.compile(rf"{MARK_START}[0-9a-f]{{16}}_(?:{_ANY_PLACE})_", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMarks:
    """Placeholders in a rendered letter for the subscriber's own values.

    They consist of letters, digits and underscores, which no step between template and mail
    changes. `seed` is a hash of the letter's content, so that no post can contain the marks of
    the letter that shows it.
    """

    #: 16 hex digits.
    seed: str

    def mark(self, place: str) -> str:
        """Return the placeholder for one of `BODY_PLACES`."""
        return f"{MARK_START}{self.seed}_{place}_"

    def mark_own(self, place: Place) -> str:
        """Return the placeholder for one of the subscriber's own values."""
        return self.mark(f"{_OWN}{place.code}")

    def split(self, text: str) -> list[str]:
        """Split the text at its marks: text, name of a place, text, and so on."""
        return re.split(self.mark(f"({_ANY_PLACE})"), text, flags=re.IGNORECASE)
