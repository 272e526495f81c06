"""Encodes a letter once per variant, and joins it with the values of each subscriber.

Everything except the subscriber's own values is encoded once; a message joins those literal
pieces and the subscriber's few values. Encoding every message separately takes 300 times as long.
The same pieces and values give the same bytes, so a repeated mail can be recognised.
"""

from __future__ import annotations

import binascii
import email
import email.policy
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from digest.letter.printing.headers import DELIVERY_MARK, HeaderFacts, list_headers, opening_headers
from digest.letter.printing.places import Place
from digest.models import Edition, Message

_FORMAT = 1
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """An encoded mail with open personal places.

    `literals` are the bytes before, between and after `places`, so there is one more of them.
    The name of a place is its part and its value: `header.to`, `text.leave_url`, `html.leave_url`,
    and `html.own_` with the code of a place for the subscriber's own value.
    """

    literals: tuple[bytes, ...]
    places: tuple[str, ...]

    @property
    def fields(self) -> frozenset[str]:
        """The names of the subscriber's own values that the mail prints."""
        codes = (place.partition(_OWN)[2] for place in self.places)
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
        literals = tuple(literal.encode("ascii") for literal in read["literals"])
        return cls(literals=literals, places=tuple(read["places"]))


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


def join(pieces: Pieces, personal: Personal) -> Message:
    """Return one subscriber's mail.

    Raises:
        ValueError: a header value contains a control character.
    """
    values = _Values(personal)
    content: list[bytes] = [b""] * (len(pieces.literals) + len(pieces.places))
    content[0::2] = pieces.literals
    content[1::2] = [values[place] for place in pieces.places]
    return Message(
        message_id=personal.message_id,
        sender=personal.sender,
        recipient=personal.address,
        content=b"".join(content),
    )


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
        builder.add(_quote_open(before))
        builder.add_place(f"{part}.{name.lower()}")
    builder.add(quote_printable(pieces[-1]))


def quote_printable(text: str) -> bytes:
    """Encode text in lines of at most 76 characters (RFC 2045 section 6.7), separated by CRLF."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return binascii.b2a_qp(lines.encode(), istext=True).replace(b"\n", b"\r\n")


def _quote_open(text: str) -> bytes:
    """Encode text that continues, and end with a soft break: the next bytes start a new line.

    A placeholder for the next text makes the encoder leave room for the soft break.
    """
    encoded = quote_printable(text + "_")[:-1]
    is_broken = not encoded or encoded.endswith(b"\n")
    return encoded if is_broken else encoded + b"=\r\n"


class _Values(dict[str, bytes]):
    """One subscriber's values, encoded; their own fields only where the letter prints them."""

    def __init__(self, personal: Personal) -> None:
        body = {place: getattr(personal, place) for place in BODY_PLACES}
        super().__init__({f"text.{name}": _encode_value(value) for name, value in body.items()})
        self.update({f"html.{name}": _encode_value(escape(value)) for name, value in body.items()})
        self["header.to"] = _header_value(personal.address)
        self["header.date"] = format_datetime(personal.date).encode("ascii")
        self["header.message_id"] = _header_value(personal.message_id)
        self["header.one_click_url"] = _header_value(_unsubscribe_ways(personal))
        self._personal = personal

    def __missing__(self, place: str) -> bytes:
        """Return the encoded value of a place for a field; raise KeyError for any other."""
        part, mark, code = place.partition(_OWN)
        if not mark:
            raise KeyError(place)
        value = self._personal.own_value(Place.of_code(code))
        self[place] = _quote_open(escape(value) if part == "html" else value)
        return self[place]


def _unsubscribe_ways(personal: Personal) -> str:
    """Return the addresses of `List-Unsubscribe` between its outer brackets, https first."""
    if not personal.leave_address:
        return personal.one_click_url
    return f"{personal.one_click_url}>, <mailto:{personal.leave_address}"


def _encode_value(value: str) -> bytes:
    # A space at the start stays: the phrase follows a word.
    return _quote_open(_SPACES.sub(" ", value).rstrip())


def _header_value(value: str) -> bytes:
    """Refuse a value that could start another header; the error does not repeat the value."""
    if not value.isprintable():
        raise ValueError(
            "a subscriber's address or link contains a control character; no mail was built"
        )
    return value.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """One subscriber's values for the places."""

    address: str
    #: Day of joining, as printed; words in its place if it is not known.
    joined: str
    #: The same within a sentence, such as ` on March 3, 2025`; empty if the day is not known.
    since: str
    #: Page with one button that unsubscribes.
    leave_url: str
    preferences_url: str
    #: This subscriber's letter as a web page.
    web_url: str
    #: The poll's page; each choice appends its number.
    poll_url: str
    #: Unsubscribes immediately if a mail program POSTs to it (RFC 8058).
    one_click_url: str
    #: The Message-ID with its angle brackets.
    message_id: str
    #: Aware; the same in every repeat of a mail.
    date: datetime
    #: Envelope sender (RFC 5321 MAIL FROM).
    sender: str
    #: The values of the subscriber's own fields, and their name, by name. None for a sample that
    #: is addressed to no subscriber.
    fields: Mapping[str, str] | None = field(default_factory=dict)
    #: A mail to this address unsubscribes; empty if none is configured.
    leave_address: str = ""

    def own_value(self, place: Place) -> str:
        """Return what a place for an own value prints."""
        if place.name == "address":
            return place.fill({"address": self.address})
        return place.fill(self.fields)


#: Fields of `Personal` in the body; the others are headers and envelope.
BODY_PLACES = (
    "address",
    "joined",
    "since",
    "leave_url",
    "preferences_url",
    "web_url",
    "poll_url",
)
#: Between the part and the code in the name of a place for the subscriber's own value.
_OWN = ".own_"
_ANY_PLACE = rf"{'|'.join(BODY_PLACES)}|own_[0-9a-f]+"
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
        return self.mark(f"own_{place.code}")

    def split(self, text: str) -> list[str]:
        """Split the text at its marks: text, name of a place, text, and so on."""
        return re.split(self.mark(f"({_ANY_PLACE})"), text, flags=re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMessage:
    """The parts of one mail."""

    #: Names and decoded values, in the order of the message.
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def open_message(content: bytes) -> OpenedMessage:
    """Read the headers and both parts of a mail from `join`; a missing part is empty."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    return OpenedMessage(
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
