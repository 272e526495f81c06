"""Reads rows of subscriber lists into typed values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from subscribers.addresses import Address, AddressError, mask_address, parse_address
from subscribers.csvfile import Record
from subscribers.errors import SubscriberError
from subscribers.fields import Field, FieldError, Kind, parse_value
from subscribers.headings import Meaning
from subscribers.listcells import Columns, StateColumn, cell_at
from subscribers.preferences import Consent, Preferences, State, stronger_ending
from subscribers.segments import SourceError, read_source
from subscribers.suppression import SuppressionReason
from subscribers.times import Order, read_day, read_time
from subscribers.words import fold, is_false, is_true, state_of

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_MAX_NAME = 200
#: The longest tag of a language: that of RFC 5646 section 4.4.1, which the names of zones keep too.
_MAX_TAG = 35
#: The longest remark that is searched for the words of a state.
_MAX_REMARK = 200
#: The longest list of categories, and the longest text of a consent.
_MAX_TEXT = 4000
_PASSING = re.compile(r"(soft|transient|temporar)")
#: Why an address must not be mailed to by any newsletter, for each state that says so.
_SUPPRESSIONS = {
    State.BOUNCED: SuppressionReason.BOUNCED,
    State.COMPLAINED: SuppressionReason.COMPLAINED,
}

_REASONS = {str(reason): reason for reason in SuppressionReason}
#: The column with the end of a pause.
PAUSE = "paused_until"
_CHOICES = ("categories", "cadence", "language", "text_size", "zone", "hour", PAUSE)
#: The length of a pause whose end cannot be read.
_UNREAD_PAUSE = timedelta(days=366)
_NO_CHOICES = Preferences()


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
    preferences: Preferences = _NO_CHOICES
    joined_at: datetime | None = None
    #: Only exports of this program have it.
    consent: Consent | None = None
    left_at: datetime | None = None
    left_how: str = ""
    suppressed: tuple[SuppressionReason, ...] = ()
    #: Where the person came from; empty if the row does not say it.
    source: str = ""
    #: Values of the operator's own fields by name, normalised; empty cells are left out.
    fields: tuple[tuple[str, str], ...] = ()
    #: Columns whose cell cannot be used, and why; `PAUSE` counts as a year, others are left out.
    unread: tuple[tuple[str, str], ...] = ()


def read_row(
    columns: Columns,
    record: Record,
    *,
    now: datetime,
    allow_reserved: bool = False,
    zone: str = "UTC",
) -> SubscriberRow:
    """Read one row.

    A row that ends a subscription is refused only if its address cannot be read. No date refuses
    a row: the end of a pause that cannot be read becomes a year from now.

    Args:
        columns: the columns of its file.
        record: the row.
        now: the time of the import.
        allow_reserved: whether to accept addresses of example and test domains.
        zone: IANA name of the zone of dates without a time of day.

    Raises:
        RowError: the row is refused.
    """
    if record.problem:
        raise RowError("row", record.problem)
    times = _Times(columns, record, zone)
    own = _read_own(columns, record)
    address = _read_address(columns.cell(record, "address"), allow_reserved=allow_reserved)
    state = _read_state(columns, record)
    is_ended = state is not None and state.is_ended
    paused_until = times.read(PAUSE)
    if paused_until is None and columns.cell(record, PAUSE) and not is_ended:
        # Never mailed by mistake.
        paused_until = now + _UNREAD_PAUSE
        own.unread.append((PAUSE, "is not a date like 2024-03-31 07:00:00"))
    return SubscriberRow(
        address=address,
        name=_read_name(columns.cell(record, "name"), columns.cell(record, "surname")),
        state=state,
        preferences=_read_preferences(columns, record, paused_until, own.unread, is_ended=is_ended),
        joined_at=times.read("joined_at")
        or times.read("joined_also")
        or _read_confirmation(columns, record, times),
        consent=_read_consent(columns, record, times),
        left_at=(times.read("left_at") or times.of_ending()) if is_ended else None,
        left_how=columns.cell(record, "left_how")[:64],
        suppressed=_read_suppressed(columns.cell(record, "suppressed"), state),
        source=own.source,
        fields=tuple(own.fields),
        unread=tuple(own.unread),
    )


def _read_address(cell: str, *, allow_reserved: bool) -> Address:
    try:
        return parse_address(cell, allow_reserved=allow_reserved)
    except AddressError as error:
        raise RowError("address", str(error)) from error


def _read_name(first: str, last: str) -> str:
    # Some exports have the full name in addition to the family name, or to the first name.
    if first and last.startswith(first):
        first = ""
    name = " ".join((first if first.endswith(last) else f"{first} {last}").split())
    if not name.isprintable():
        name = "".join(letter for letter in name if letter.isprintable())
    return name[:_MAX_NAME]


# --- the state ----------------------------------------------------------------------------------


def _read_state(columns: Columns, record: Record) -> State | None:
    """Return the state of a row: of its columns' states, the one that allows least mail."""
    found: State | None = None
    problem: RowError | None = None
    for column in columns.states:
        try:
            state = _read_cell(column, cell_at(record, column.place))
        except RowError as error:
            problem = error
            continue
        if state is not None:
            found = state if found is None else _less_mail(found, state)
    if found is not None and found.is_ended:
        return found
    if columns.cell(record, "left_at"):
        return State.LEFT
    if problem is not None:
        raise problem
    if found is None and _never_confirmed(columns, record):
        return State.PENDING
    return found


def _never_confirmed(columns: Columns, record: Record) -> bool:
    """Whether the file has days of confirming, and the row none."""
    word = fold(columns.cell(record, "consent_at")[:_MAX_REMARK])
    return "consent_at" in columns.places and (not word or is_false(word))


def _less_mail(one: State, other: State) -> State:
    """Return that of two states which allows less mail."""
    if one.is_ended or other.is_ended:
        return stronger_ending(one, other) if other.is_ended else one
    return State.PENDING if State.PENDING in (one, other) else one


def _read_cell(column: StateColumn, cell: str) -> State | None:
    word = fold(cell[:_MAX_REMARK])
    if not word:
        return column.if_blank
    if column.meaning is Meaning.ENDING:
        return _read_ending(column, word)
    if is_true(word):
        return column.if_true
    if is_false(word):
        return column.if_false
    state = state_of(word)
    if state is None:
        # A guess could mail a person who left.
        shown = f"{_quote(cell)} in column {column.heading!r} is not known"
        raise RowError("state", f"{shown}; use one of {', '.join(State)}")
    return state


def _read_ending(column: StateColumn, word: str) -> State | None:
    """Return the state of a cell under a heading such as `Opted out`; any remark is a yes."""
    state = state_of(word)
    # A mailbox that refused mail for a while is not dead.
    if is_false(word) or state is State.CONFIRMED or _PASSING.match(word):
        return None
    return state if state is not None and state.is_ended else column.if_true


# --- the choices --------------------------------------------------------------------------------


def _read_preferences(
    columns: Columns,
    record: Record,
    paused_until: datetime | None,
    unread: list[tuple[str, str]],
    *,
    is_ended: bool,
) -> Preferences:
    """Return the choices; a language or zone that cannot be read is added to `unread`."""
    if columns.places.keys().isdisjoint(_CHOICES):
        return _NO_CHOICES

    def match(name: str, form: re.Pattern[str], hint: str) -> str:
        cell = columns.cell(record, name)
        if not cell or (len(cell) <= _MAX_TAG and form.fullmatch(cell)):
            return cell
        unread.append((name, f"is not {hint}"))
        return ""

    try:
        return Preferences(
            categories=_read_categories(columns.cell(record, "categories")),
            cadence=columns.cell(record, "cadence")[:64],
            language=match("language", _LANGUAGE, "a tag like `en`").replace("_", "-"),
            text_size=columns.cell(record, "text_size")[:16] or "normal",
            zone=match("zone", _ZONE, "a name like `Europe/Paris`"),
            hour=_read_hour(columns.cell(record, "hour")),
            paused_until=paused_until,
        )
    except RowError:
        if is_ended:
            return Preferences()
        raise


def _read_categories(cell: str) -> tuple[str, ...]:
    if len(cell) > _MAX_TEXT:
        raise RowError("categories", f"longer than {_MAX_TEXT} characters")
    return split_list(cell)


def split_list(cell: str, mark: str = ";") -> tuple[str, ...]:
    """Return the names in a cell, sorted, each once."""
    return tuple(sorted({name.strip() for name in cell.split(mark) if name.strip()}))


def _read_hour(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[01]?\d|2[0-3]", cell, re.ASCII):
        raise RowError("hour", f"{_quote(cell)} is not an hour from 0 to 23")
    return int(cell)


# --- fields and source --------------------------------------------------------------------------


class _Own(NamedTuple):
    """The source and the operator's own fields of a row; a bad cell costs a warning only."""

    source: str
    fields: list[tuple[str, str]]
    unread: list[tuple[str, str]]


def _read_own(columns: Columns, record: Record) -> _Own:
    source, fields, unread = columns.cell(record, "source"), [], []
    if source:
        try:
            source = _read_source(source)
        except SourceError as error:
            unread.append(("source", str(error)))
            source = ""
    for field, place in columns.fields:
        if cell := cell_at(record, place):
            try:
                fields.append((field.name, _read_value(field, cell, columns.order)))
            except FieldError as error:
                unread.append((field.name, str(error)))
    return _Own(source, fields, unread)


# The rows of a file have few sources, and few values of a choice.
_read_source = lru_cache(maxsize=256)(read_source)


@lru_cache(maxsize=4096)
def _read_value(field: Field, cell: str, order: Order) -> str:
    if field.kind is Kind.DATE and (day := read_day(cell, order=order)):
        return day.isoformat()
    return parse_value(field, cell)


# --- times and consent --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Times:
    """Reads the dates of one row."""

    columns: Columns
    record: Record
    zone: str

    def read(self, name: str) -> datetime | None:
        """Return a date; None if there is none that can be read."""
        return self._read(self.columns.cell(self.record, name))

    def of_ending(self) -> datetime | None:
        """Return the date under a heading such as `Unsubscribed at`; the first of several."""
        cells = [
            cell_at(self.record, column.place)
            for column in self.columns.states
            if column.meaning is Meaning.ENDING
        ]
        return min((when for cell in cells if (when := self._read(cell))), default=None)

    def _read(self, cell: str) -> datetime | None:
        return None if not cell else read_time(cell, order=self.columns.order, zone=self.zone)


def _read_confirmation(columns: Columns, record: Record, times: _Times) -> datetime | None:
    """Return the day on which a person agreed; the day of an import is not one."""
    at = times.read("consent_at")
    return at if at and columns.cell(record, "consent_how") not in ("import", "manual") else None


def _read_consent(columns: Columns, record: Record, times: _Times) -> Consent | None:
    at = times.read("consent_at")
    if at is None:
        return None
    how, text = columns.cell(record, "consent_how"), columns.cell(record, "consent_text")
    return Consent(at=at, how=how[:64], text=text[:_MAX_TEXT]) if how else None


def _read_suppressed(cell: str, state: State | None) -> tuple[SuppressionReason, ...]:
    reasons = (
        {_look_up(word.strip()) for word in cell.split(",") if word.strip()} if cell else set()
    )
    if state in _SUPPRESSIONS:
        reasons.add(_SUPPRESSIONS[state])
    return tuple(sorted(reasons))


def _look_up(word: str) -> SuppressionReason:
    if word not in _REASONS:
        known = ", ".join(_REASONS)
        raise RowError("suppressed", f"{_quote(word)} is not known; use one of {known}")
    return _REASONS[word]


def _quote(cell: str) -> str:
    """Return a bad cell for a report; masked if it contains an address."""
    return repr(mask_address(cell) if "@" in cell else cell[:20])
