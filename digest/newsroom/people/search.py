"""Finds people for the desk's list, page by page; every search uses an index."""

from __future__ import annotations

from dataclasses import dataclass

from digest.errors import UsageError
from digest.newsroom.context import RunContext
from digest.store.engine import Connection
from subscribers import finding
from subscribers.addresses import AddressError, parse_address
from subscribers.people import find_person_id, find_public_id
from subscribers.preferences import Person, State, Subscription

#: People on one page.
PAGE = 50
#: The state that means all people who must not be mailed.
SUPPRESSED = "suppressed"
#: The largest id that every supported database can store.
_MAX_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search; without a value, for the newest people."""

    #: The beginning of an address, an id, or a person's public id.
    text: str = ""
    #: A state of a subscription, or `SUPPRESSED`; without `text` only.
    state: str = ""
    #: The newsletter of the state; empty for the only one.
    newsletter: str = ""
    #: The place after which the page begins, as in `FoundPeople.next_page`; empty: the first page.
    after: str = ""
    #: People on one page.
    most: int = PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPerson:
    """One person of a list."""

    person: Person
    subscriptions: tuple[Subscription, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPeople:
    """One page of people."""

    people: tuple[FoundPerson, ...]
    #: `Search.after` of the next page; empty if this is the last.
    next_page: str


def find_people(context: RunContext, search: Search) -> FoundPeople:
    """Return a page of people.

    Raises:
        UsageError: the state, the newsletter or the place of the page does not exist.
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        if search.text.strip():
            found, next_page = _by_text(context, connection, search)
        else:
            found, next_page = _newest(context, connection, search)
        held = finding.subscriptions_of(connection, [person.id for person in found])
    return FoundPeople(
        people=tuple(
            FoundPerson(person=each, subscriptions=held.get(each.id, ())) for each in found
        ),
        next_page=next_page,
    )


def _by_text(
    context: RunContext, connection: Connection, search: Search
) -> tuple[tuple[Person, ...], str]:
    """Return the person with the id, then those whose address has the beginning."""
    wanted = search.text.strip()
    exact = () if search.after else _by_id(connection, wanted)
    beginning = _key_of(context, wanted)
    after = search.after if search.after.startswith(beginning) else ""
    page = finding.people_starting(connection, beginning, after=after, most=search.most + 1)
    shown = page[: search.most]
    next_page = _stored_key(shown[-1].address) if len(page) > search.most else ""
    return (*exact, *(each for each in shown if each not in exact)), next_page


def _by_id(connection: Connection, wanted: str) -> tuple[Person, ...]:
    if _is_id(wanted):
        found = find_person_id(connection, int(wanted))
    else:
        found = find_public_id(connection, wanted)
    return (found,) if found else ()


def _key_of(context: RunContext, wanted: str) -> str:
    """Return the beginning of a key; a whole address also with its domain in ASCII."""
    try:
        return parse_address(wanted, allow_reserved=context.is_development).key
    except AddressError:
        return wanted.lower()


def _stored_key(address: str) -> str:
    """Return the key of a stored address."""
    return parse_address(address, allow_reserved=True).key


def _newest(
    context: RunContext, connection: Connection, search: Search
) -> tuple[tuple[Person, ...], str]:
    before = _place(search.after)
    if search.state == SUPPRESSED:
        page = finding.suppressed_people(connection, before=before, most=search.most + 1)
    elif search.state:
        name = context.newsletter_of(search.newsletter).name
        state = _state(search.state)
        page = finding.people_in_state(connection, name, state, before=before, most=search.most + 1)
    else:
        page = finding.newest_people(connection, before=before, most=search.most + 1)
    shown = page[: search.most]
    return shown, str(shown[-1].id) if len(page) > search.most else ""


def _state(name: str) -> State:
    try:
        return State(name)
    except ValueError as error:
        raise UsageError(
            f"state {name!r}: must be one of {', '.join(State)}, {SUPPRESSED}"
        ) from error


def _is_id(text: str) -> bool:
    # Python refuses to read a number of thousands of digits.
    is_short = len(text) <= len(str(_MAX_ID))
    return text.isascii() and text.isdigit() and is_short and int(text) <= _MAX_ID


def _place(after: str) -> int | None:
    if not after:
        return None
    if not _is_id(after):
        raise UsageError(f"page {after[:20]!r}: does not exist; go back to the first page")
    return int(after)
