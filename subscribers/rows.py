"""Reads rows of subscriber lists into typed values.

Columns are recognised by the headings of exports from Mailchimp, Ghost, listmonk, beehiiv,
Substack, Keila, Curated and this program. Other columns are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from subscribers.addresses import Address, AddressError, mask_address, parse_address
from subscribers.csvfile import CsvError, Record, unguard_cell
from subscribers.errors import SubscriberError
from subscribers.preferences import Consent, Preferences, State
from subscribers.suppression import SuppressionReason

#: Our name of each column, with its known headings, best first.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "address": ("email", "email address", "e mail", "e mail address", "emailaddress", "mail",
                "subscriber email", "address"),
    "name": ("name", "full name", "display name", "first name", "firstname", "fname",
             "given name"),
    "surname": ("last name", "lastname", "lname", "surname", "family name"),
    "state": ("state", "status", "subscription status", "subscribed to emails", "subscribed"),
    "categories": ("categories", "category", "topics"),
    "cadence": ("cadence", "frequency"),
    "language": ("language", "locale"),
    "text_size": ("text size",),
    "zone": ("zone", "timezone", "time zone"),
    "hour": ("hour",),
    "paused_until": ("paused until",),
    "joined_at": ("joined at", "joined", "optin time", "subscribed at", "subscription date",
                  "signup date", "date added", "created at", "created", "creation date"),
    "consent_at": ("consent at", "confirm time"),
    "consent_how": ("consent how",),
    "consent_text": ("consent text",),
    "left_at": ("left at", "unsub time", "unsubscribed at", "deleted at"),
    "left_how": ("left how",),
    "cleaned_at": ("clean time",),
    "disabled": ("email disabled",),
    "suppressed": ("suppressed",),
}  # fmt: skip

_STATES: Mapping[State, frozenset[str]] = {
    State.CONFIRMED: frozenset(
        {"confirmed", "subscribed", "active", "enabled", "true", "yes", "1"}
    ),
    State.PENDING: frozenset({"pending", "unconfirmed", "awaiting", "not confirmed"}),
    State.LEFT: frozenset(
        {"left", "unsubscribed", "inactive", "disabled", "blocklisted", "opted out"}
        | {"non-subscribed", "not subscribed", "deleted", "removed", "false", "no", "0"}
    ),
    State.BOUNCED: frozenset({"bounced", "cleaned", "unreachable", "undeliverable", "invalid"}),
    State.COMPLAINED: frozenset({"complained", "complaint", "spam", "abuse"}),
}

_TRUE = frozenset({"true", "yes", "1"})
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_MAX_NAME = 200


class RowError(SubscriberError):
    """A row is refused because of one column."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberRow:
    """The data of one person in a row."""

    address: Address
    name: str = ""
    #: None if the row has no state.
    state: State | None = None
    preferences: Preferences = field(default_factory=Preferences)
    joined_at: datetime | None = None
    #: Only exports of this program have it.
    consent: Consent | None = None
    left_at: datetime | None = None
    left_how: str = ""
    suppressed: tuple[SuppressionReason, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """The places of the known columns in a file."""

    #: Our name of a column, with its index from 0.
    places: Mapping[str, int]

    def cell(self, record: Record, name: str) -> str:
        """Return one cell, trimmed; empty if the file does not have the column."""
        place = self.places.get(name, -1)
        if not 0 <= place < len(record.cells):
            return ""
        # PostgreSQL cannot store NUL in text.
        return unguard_cell(record.cells[place].replace("\0", "").strip()).strip()

    def address(self, record: Record) -> str:
        """Return a row's address, masked for a report."""
        return mask_address(self.cell(record, "address"))


def find_columns(header: Record | None) -> Columns:
    """Find the known columns in a header row.

    Raises:
        CsvError: there is no header row, or no address column.
    """
    headings = [_plain(cell) for cell in header.cells] if header else []
    places = {
        name: next(headings.index(known) for known in wanted if known in headings)
        for name, wanted in _HEADINGS.items()
        if not set(wanted).isdisjoint(headings)
    }
    if "address" not in places:
        raise CsvError("the first row has no column `email` or `address`; add a header row")
    return Columns(places)


def read_row(columns: Columns, record: Record, *, allow_reserved: bool = False) -> SubscriberRow:
    """Read one row.

    Raises:
        RowError: the row is refused.
    """
    if record.problem:
        raise RowError("row", record.problem)
    return SubscriberRow(
        address=_read_address(columns.cell(record, "address"), allow_reserved=allow_reserved),
        name=_read_name(columns.cell(record, "name"), columns.cell(record, "surname")),
        state=_read_state(columns, record),
        preferences=_read_preferences(columns, record),
        joined_at=_read_time(columns, record, "joined_at"),
        consent=_read_consent(columns, record),
        left_at=_read_time(columns, record, "left_at") or _read_time(columns, record, "cleaned_at"),
        left_how=columns.cell(record, "left_how")[:64],
        suppressed=_read_suppressed(columns.cell(record, "suppressed")),
    )


def _plain(heading: str) -> str:
    return re.sub(r"[\W_]+", " ", heading).strip().lower()


def _read_address(cell: str, *, allow_reserved: bool) -> Address:
    try:
        return parse_address(cell, allow_reserved=allow_reserved)
    except AddressError as error:
        raise RowError("address", str(error)) from error


def _read_name(first: str, last: str) -> str:
    # Some exports have the full name in addition to the family name.
    words = (first if first.endswith(last) else f"{first} {last}").split()
    return "".join(letter for letter in " ".join(words) if letter.isprintable())[:_MAX_NAME]


def _read_state(columns: Columns, record: Record) -> State | None:
    """Return the state of a row; a column that shows an ending overrides the state column."""
    stated = _read_state_word(columns.cell(record, "state").lower())
    if stated is not None and stated.is_ended:
        return stated
    if columns.cell(record, "cleaned_at"):
        return State.BOUNCED
    if columns.cell(record, "left_at") or columns.cell(record, "disabled").lower() in _TRUE:
        return State.LEFT
    return stated


def _read_state_word(word: str) -> State | None:
    if not word:
        return None
    for state, words in _STATES.items():
        if word in words:
            return state
    # A guess could mail a person who left.
    raise RowError("state", f"{_quote(word)} is not known; use one of {', '.join(State)}")


def _read_preferences(columns: Columns, record: Record) -> Preferences:
    return Preferences(
        categories=_split_list(columns.cell(record, "categories")),
        cadence=columns.cell(record, "cadence")[:64],
        language=_read_match(columns, record, "language", _LANGUAGE, "a tag like `en`"),
        text_size=columns.cell(record, "text_size")[:16] or "normal",
        zone=_read_match(columns, record, "zone", _ZONE, "a name like `Europe/Paris`"),
        hour=_read_hour(columns.cell(record, "hour")),
        paused_until=_read_time(columns, record, "paused_until"),
    )


def _split_list(cell: str) -> tuple[str, ...]:
    return tuple(sorted({name.strip() for name in cell.split(";") if name.strip()}))


def _read_match(
    columns: Columns, record: Record, name: str, form: re.Pattern[str], hint: str
) -> str:
    cell = columns.cell(record, name)
    if cell and not form.fullmatch(cell):
        raise RowError(name, f"{_quote(cell)} is not {hint}")
    return cell


def _read_hour(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[01]?\d|2[0-3]", cell, re.ASCII):
        raise RowError("hour", f"{_quote(cell)} is not an hour from 0 to 23")
    return int(cell)


def _read_time(columns: Columns, record: Record, name: str) -> datetime | None:
    """Return a time of a row; a time without a zone is read as UTC."""
    cell = columns.cell(record, name)
    if not cell:
        return None
    text = re.sub(r" ?UTC$", "Z", cell).replace(" +", "+").replace(" -", "-")
    if not _ISO_DATE.fullmatch(text):
        raise _bad_time(name, cell)
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _bad_time(name, cell) from error


def _bad_time(name: str, cell: str) -> RowError:
    return RowError(name, f"{_quote(cell)} is not a date like 2024-03-31 or 2024-03-31 07:00:00")


def _read_consent(columns: Columns, record: Record) -> Consent | None:
    at = _read_time(columns, record, "consent_at")
    how, text = columns.cell(record, "consent_how"), columns.cell(record, "consent_text")
    return Consent(at=at, how=how[:64], text=text) if at and how else None


def _read_suppressed(cell: str) -> tuple[SuppressionReason, ...]:
    known = {str(reason): reason for reason in SuppressionReason}
    return tuple(_look_up(known, word.strip()) for word in cell.split(",") if word.strip())


def _look_up(known: Mapping[str, SuppressionReason], word: str) -> SuppressionReason:
    if word not in known:
        raise RowError("suppressed", f"{_quote(word)} is not known; use one of {', '.join(known)}")
    return known[word]


def _quote(cell: str) -> str:
    """Return a bad cell for a report; masked if it contains an address."""
    return repr(mask_address(cell) if "@" in cell else cell[:20])
