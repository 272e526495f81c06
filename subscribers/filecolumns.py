"""Decides what each column of a file means, by its heading and by all of its cells. Pure.

The whole file is looked at before a row is stored: a column that may say who has left, and whose
meaning is not certain, stops the import until the operator names or ignores it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from subscribers.addresses import mask_address
from subscribers.csvfile import CsvError, Record
from subscribers.errors import SubscriberError
from subscribers.fields import Field, unknown_field
from subscribers.fields import Kind as FieldKind
from subscribers.headings import (
    HEADINGS,
    JOINING,
    SUBSCRIBED_SINCE,
    WHOLE_NAMES,
    Heading,
    Meaning,
    plain,
    read_heading,
)
from subscribers.listcells import Columns, StateColumn
from subscribers.preferences import State
from subscribers.tallies import Kind, Tally, tally_columns
from subscribers.times import Order

#: Before the name of a field in `--column HEADING=field:NAME`.
_FIELD = "field:"
#: Meanings of headings that may say who has left.
_OF_STATES = (Meaning.STATUS, Meaning.TYPE, Meaning.ENDING, Meaning.SUBSCRIBED)
_BOOLEANS = (Kind.YES, Kind.NO, Kind.ONE, Kind.ZERO)
_STATES = (*_BOOLEANS, Kind.ENDING, Kind.STATE)
#: Columns whose cells need no judgement.
_TEXTS = ("name", "surname", "language", "zone", "consent_text")
_TIMES = ("joined_at", "joined_also", "consent_at", "left_at", "paused_until")

#: The names of `--column HEADING=NAME` beside those of `HEADINGS`.
STATE_NAMES: Mapping[str, Heading] = {
    "state": Heading(meaning=Meaning.STATUS),
    "subscribed": Heading(meaning=Meaning.SUBSCRIBED),
    "left": Heading(meaning=Meaning.ENDING, if_true=State.LEFT),
    "bounced": Heading(meaning=Meaning.ENDING, if_true=State.BOUNCED),
    "complained": Heading(meaning=Meaning.ENDING, if_true=State.COMPLAINED),
}
_OTHER_NAMES = {"email": "address", "joined": "joined_at", "status": "state"}


class ColumnError(SubscriberError):
    """A wrong choice of columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoices:
    """The operator's choices for the columns of a file."""

    #: Our name of a column, by its heading in the file.
    named: Mapping[str, str] = field(default_factory=dict)
    #: Headings of columns that are not read.
    ignored: Sequence[str] = ()
    #: The operator's own fields; a column that is named like one has its values.
    fields: Sequence[Field] = ()


def find_columns(
    header: Record | None,
    records: Iterable[Record],
    choices: ColumnChoices = ColumnChoices(),
) -> Columns:
    """Return what the columns of a file mean.

    Args:
        header: the first row; None if the file is empty.
        records: all other rows; they are read to the end.
        choices: what the operator says about the columns.

    Raises:
        CsvError: no column has addresses, or a column may say who has left and is not certain.
        ColumnError: `choices` names a column that the file does not have, or an unknown meaning.
    """
    if header is None:
        raise CsvError("the file is empty; add a header row with a column `email`")
    if header.problem:
        raise CsvError(f"the first row cannot be read: {header.problem}")
    known = {word for name, words in HEADINGS.items() if name in _TEXTS for word in words}
    texts = {place for place, cell in enumerate(header.cells) if plain(cell) in known}
    tallies = tally_columns(records, skip=texts)
    count = max(len(header.cells), *(place + 1 for place in tallies), 0)
    return _Finder(header, tallies, count, choices).find()


class _Finder:
    """The state of one decision: each column is taken once."""

    def __init__(
        self,
        header: Record,
        tallies: Mapping[int, Tally],
        count: int,
        choices: ColumnChoices,
    ) -> None:
        cells = [*header.cells, *[""] * (count - len(header.cells))]
        self._shown = [cell.strip() or f"column {place + 1}" for place, cell in enumerate(cells)]
        self._words = [plain(cell) for cell in self._shown]
        self._tallies = {place: tallies.get(place, Tally()) for place in range(count)}
        #: Whether this program exported the file.
        self._is_ours = "left how" in self._words
        self._choices = choices
        self._free = dict.fromkeys(range(count))
        self._places: dict[str, int] = {}
        self._states: list[StateColumn] = []
        self._ignored: list[int] = []
        self._fields: dict[str, tuple[Field, int]] = {}

    def find(self) -> Columns:
        self._take_choices()
        self._take_known()
        self._take_address()
        self._take_joined()
        self._take_fields()
        self._states += [column for place in list(self._free) if (column := self._judge(place))]
        self._take_dates_of_subscribing()
        self._take_dates_of_confirming()
        self._pair_names()
        # A column without cells has nothing to read.
        unread = sorted(p for p in (*self._free, *self._ignored) if self._tallies[p].cells)
        return Columns(
            places=self._places,
            states=tuple(self._states),
            fields=tuple(self._fields.values()),
            unread=tuple(self._shown[place] for place in unread),
            order=self._order(),
            warnings=self._warn_of_dates(),
        )

    def _take(self, name: str, place: int) -> None:
        self._places[name] = place
        self._free.pop(place, None)

    def _take_choices(self) -> None:
        for heading in self._choices.ignored:
            for place in self._places_of(heading):
                self._free.pop(place, None)
                self._ignored.append(place)
        for heading, chosen in self._choices.named.items():
            name = _OTHER_NAMES.get(chosen, chosen)
            for place in self._places_of(heading):
                if name in STATE_NAMES:
                    self._free.pop(place, None)
                    self._states.append(self._as_state(place, self._named_meaning(place, name)))
                elif name in HEADINGS:
                    self._take(name, place)
                elif name.startswith(_FIELD):
                    self._take_field(self._named_field(heading, name), place)
                else:
                    known = ["email", *list(HEADINGS)[1:], *STATE_NAMES]
                    known += [f"{_FIELD}{field.name}" for field in self._choices.fields]
                    raise ColumnError(
                        f"--column {heading}={chosen}: choose from {', '.join(known)}"
                    )

    def _named_field(self, heading: str, chosen: str) -> Field:
        known = {field.name: field for field in self._choices.fields}
        name = chosen.removeprefix(_FIELD)
        if name not in known:
            raise ColumnError(f"--column {heading}={chosen}: {unknown_field(name, known)}")
        return known[name]

    def _take_field(self, field: Field, place: int) -> None:
        self._fields[field.name] = (field, place)
        self._free.pop(place, None)

    def _take_fields(self) -> None:
        """Take the columns that are named like a field, except those that may say who has left.

        A column may have another meaning too, such as the first name. In our own export, a column
        of a field has no other meaning than the field's.
        """
        for own in self._choices.fields:
            word = plain(own.name)
            if own.name in self._fields or word not in self._words:
                continue
            place = self._words.index(word)
            is_certain = self._is_ours or not self._may_say_who_left(place)
            if place not in self._ignored and is_certain:
                self._take_field(own, place)

    def _may_say_who_left(self, place: int) -> bool:
        heading = read_heading(self._words[place])
        is_named_so = heading.if_true.is_ended or heading.meaning in _OF_STATES
        return is_named_so or self._tallies[place].count(Kind.ENDING) > 0

    def _named_meaning(self, place: int, name: str) -> Heading:
        """A heading such as `Opted out` keeps its own yes and no if it is named a state."""
        own = read_heading(self._words[place])
        is_own = name == "state" and own.meaning in (Meaning.ENDING, Meaning.SUBSCRIBED)
        return own if is_own else STATE_NAMES[name]

    def _places_of(self, heading: str) -> list[int]:
        wanted = plain(heading)
        found = [place for place, word in enumerate(self._words) if wanted and word == wanted]
        if not found:
            raise ColumnError(
                f"the file has no column {heading!r}; its columns are {', '.join(self._shown)}"
            )
        return found

    def _take_known(self) -> None:
        for name, wanted in HEADINGS.items():
            if name == "suppressed" and not self._is_ours:
                continue
            headings = (self._words.index(known) for known in wanted if known in self._words)
            places = [place for place in headings if place in self._free]
            if name == "address":
                # A postal address may have the same heading.
                places.sort(key=lambda place: not self._tallies[place].has_half(Kind.ADDRESS))
            if name == "source":
                places = [place for place in places if not self._may_say_who_left(place)]
            if name not in self._places and places:
                self._take(name, places[0])

    def _take_address(self) -> None:
        """Take the only column of addresses if no heading is known."""
        taken = self._places.get("address")
        if taken is not None and self._tallies[taken].count(Kind.ADDRESS):
            return
        found = [place for place in self._free if self._tallies[place].has_half(Kind.ADDRESS)]
        if len(found) == 1 and "@" not in self._shown[found[0]]:
            self._take("address", found[0])
        if "address" in self._places:
            return
        shown = ", ".join(repr(mask_address(s) if "@" in s else s[:40]) for s in self._shown[:20])
        raise CsvError(
            "the first row has no column `email` or `address`; add a header row, or name the column"
            f" with `--column NAME=email`; it has {shown}"
        )

    def _take_joined(self) -> None:
        """Take the best column of the day of joining, and one for the rows in which it is empty."""
        for pattern in JOINING:
            for place in list(self._free):
                word = self._words[place]
                is_ending = read_heading(word).meaning is Meaning.ENDING
                if pattern.fullmatch(word) and self._tallies[place].cells and not is_ending:
                    if "joined_at" in self._places:
                        self._take("joined_also", place)
                        return
                    self._take("joined_at", place)

    def _judge(self, place: int) -> StateColumn | None:
        """Return a column of states; None if it is passed over.

        Raises:
            CsvError: the column may say who has left, and its meaning is not certain.
        """
        heading, tally = read_heading(self._words[place]), self._tallies[place]
        if tally.cells == 0 or heading.meaning is Meaning.CHANNEL:
            return None
        if self._has_days_of_confirming(place):
            return None
        match heading.meaning:
            case Meaning.ENDING:
                if tally.has_half(Kind.URL):
                    return None
                if tally.count(Kind.NUMBER):
                    raise self._stop(place, Kind.NUMBER)
                return self._taken(place, heading)
            case Meaning.STATUS:
                if tally.count(*_STATES):
                    return self._taken(place, heading)
                raise self._stop(place, *tally.first)
            case Meaning.TYPE if tally.count(Kind.ENDING):
                return self._taken(place, heading)
            case Meaning.SUBSCRIBED if tally.has_half(*_STATES) and not tally.count(Kind.NUMBER):
                return self._taken(place, heading)
            case Meaning.OTHER:
                if heading.if_true.is_ended and tally.has_half(Kind.YES, Kind.NO):
                    return self._taken(place, heading)
                if tally.count(Kind.ENDING):
                    raise self._stop(place, Kind.ENDING)
                return None
        if tally.count(Kind.ENDING) or tally.has_half(Kind.YES, Kind.NO, Kind.STATE):
            raise self._stop(place, Kind.ENDING, Kind.NO, Kind.YES, Kind.STATE)
        if tally.has_half(*_STATES) and not tally.count(Kind.NUMBER):
            raise self._stop(place, Kind.ZERO, Kind.ONE)
        return None

    def _taken(self, place: int, heading: Heading) -> StateColumn:
        self._free.pop(place, None)
        return self._as_state(place, heading)

    def _as_state(self, place: int, heading: Heading) -> StateColumn:
        tally = self._tallies[place]
        is_ticked = heading.meaning is Meaning.SUBSCRIBED and tally.count(Kind.YES, Kind.ONE) > 0
        meaning = Meaning.ENDING if heading.if_true.is_ended else heading.meaning
        return StateColumn(
            place=place,
            heading=self._shown[place],
            meaning=meaning,
            if_true=heading.if_true,
            if_false=heading.if_false,
            # Beside a yes, an empty cell is none.
            if_blank=State.PENDING if is_ticked else None,
        )

    def _stop(self, place: int, *kinds: Kind) -> CsvError:
        tally, name = self._tallies[place], self._shown[place]
        firsts = [tally.first[kind] for kind in kinds if kind in tally.first]
        cells = " and ".join(repr(mask_address(c) if "@" in c else c[:40]) for c, _ in firsts[:2])
        return CsvError(
            f"column {name!r} has {cells} (line {firsts[0][1]}), which may say who has left;"
            f' name its meaning with `--column "{name}=state"` (yes: subscribed) or'
            f' `--column "{name}=left"` (yes: has left),'
            f' or pass it over with `--ignore-column "{name}"`; nothing was imported'
        )

    def _take_dates_of_subscribing(self) -> None:
        """Take dates under `Subscribed` as days of joining."""
        name = "joined_also" if "joined_at" in self._places else "joined_at"
        if name in self._places:
            return
        for place in list(self._free):
            is_since = SUBSCRIBED_SINCE.fullmatch(self._words[place])
            if is_since and self._tallies[place].has_half(Kind.DATE):
                self._take(name, place)
                return

    def _take_dates_of_confirming(self) -> None:
        """Take dates under `Confirmed at` as days of the consent."""
        for place in list(self._free):
            if "consent_at" not in self._places and self._has_days_of_confirming(place):
                self._take("consent_at", place)

    def _has_days_of_confirming(self, place: int) -> bool:
        heading, tally = read_heading(self._words[place]), self._tallies[place]
        is_confirming = heading.meaning is Meaning.SUBSCRIBED and not heading.if_false.is_ended
        has_states = tally.count(Kind.YES, Kind.ONE, Kind.ZERO, Kind.STATE, Kind.ENDING) > 0
        return is_confirming and tally.count(Kind.DATE) > 0 and not has_states

    def _pair_names(self) -> None:
        """Beside a first name, `Name` is the family name where there is no other."""
        if "name" in self._places and "surname" not in self._places:
            for place in list(self._free):
                if self._words[place] in WHOLE_NAMES:
                    self._take("surname", place)
                    return

    def _dated(self) -> list[int]:
        places = [self._places[name] for name in _TIMES if name in self._places]
        places += [place for field, place in self._fields.values() if field.kind is FieldKind.DATE]
        return places + [column.place for column in self._states]

    def _order(self) -> Order:
        shown = {order for place in self._dated() for order in self._tallies[place].orders}
        shown.discard(Order.UNKNOWN)
        return shown.pop() if len(shown) == 1 else Order.UNKNOWN

    def _warn_of_dates(self) -> tuple[str, ...]:
        unread, example = 0, ("", 0, "")
        for place in self._dated():
            tally, is_time = self._tallies[place], place in self._places.values()
            bad = [Kind.TEXT, Kind.NUMBER, Kind.YES, Kind.ONE] if is_time else []
            found = tally.count(*bad)
            if Order.UNKNOWN in tally.orders and self._order() is Order.UNKNOWN:
                bad.append(Kind.DATE)
                found = tally.count(*bad)
            if found and not unread:
                cell, line = min(
                    (tally.first[k] for k in bad if k in tally.first), key=lambda f: f[1]
                )
                example = (cell, line, self._shown[place])
            unread += found
        if not unread:
            return ()
        cell, line, name = example
        return (
            f"{unread} {'date' if unread == 1 else 'dates'} cannot be read, such as {cell[:30]!r}"
            f" in column {name!r} (line {line}); the import leaves them out",
        )


def nearest(word: str, known: Sequence[str]) -> str:
    """Return the known name that is most like a word."""
    return max(
        known,
        key=lambda name: difflib.SequenceMatcher(None, fold_name(word), fold_name(name)).ratio(),
    )


def fold_name(name: str) -> str:
    """Return a name as it is compared: case and spaces do not count."""
    return "".join(name.casefold().split())
