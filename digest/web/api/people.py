"""The subscribers: found, shown, added, changed, suppressed, erased."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from fastapi.encoders import jsonable_encoder

from digest.errors import NothingToDo
from digest.newsroom.people.search import FoundPeople, Search
from digest.web.api.call import Call, Cursor, Limit, NewsletterQuery, OnCall, PersonId
from digest.web.api.cursors import read_text, write_cursor
from digest.web.api.problems import not_found
from digest.web.api.shapes import people as shapes

_State = Annotated[
    str,
    Query(
        pattern=r"^[a-z]{0,20}$",
        description="Only in this state of a subscription, or `suppressed`; empty: all.",
    ),
]


def list_people(
    call: OnCall,
    state: _State = "",
    newsletter: NewsletterQuery = "",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> shapes.Subscribers:
    """Return a page of subscribers, the newest first."""
    search = Search(state=state, newsletter=newsletter, after=read_text(cursor), most=limit)
    return _page(call.newsroom.people.find(search))


def find(call: OnCall, wanted: shapes.SearchPeople) -> shapes.Subscribers:
    """Return a page of the subscribers whose address has a beginning, or the one with an id."""
    after = read_text(wanted.cursor)
    return _page(
        call.newsroom.people.find(Search(text=wanted.text, after=after, most=wanted.limit))
    )


def show(call: OnCall, person_id: PersonId) -> shapes.SubscriberProfile:
    """Return one subscriber."""
    profile = call.newsroom.people.profile(person_id)
    if profile is None:
        raise not_found(f"subscriber {person_id}")
    return shapes.SubscriberProfile.of_profile(profile)


def export(call: OnCall, person_id: PersonId) -> dict[str, Any]:
    """Return everything that is stored about a person, as `digest subscribers show --json`."""
    data = call.newsroom.people.export_person(person_id)
    if data is None:
        raise not_found(f"subscriber {person_id}")
    encoded: dict[str, Any] = jsonable_encoder(data)
    return encoded


def add(call: OnCall, wanted: shapes.NewSubscriber) -> shapes.Asked:
    """Ask the owner of an address by mail; the subscription starts with the confirmation."""
    call.newsroom.people.add_by_mail(
        wanted.address.strip(), wanted.newsletter, source=wanted.source, by=call.actor
    )
    return shapes.Asked(is_asked=True)


def change(call: OnCall, person_id: PersonId, wanted: shapes.Person) -> shapes.SubscriberProfile:
    """Store a person's name and values of the operator's fields."""
    _address(call, person_id)
    call.newsroom.people.change_person(person_id, wanted.name, wanted.fields_, by=call.actor)
    return show(call, person_id)


def change_preferences(
    call: OnCall, person_id: PersonId, wanted: shapes.NewPreferences
) -> shapes.SubscriberProfile:
    """Store the choices of a confirmed subscriber."""
    _address(call, person_id)
    call.newsroom.people.change_choices(person_id, wanted.newsletter, wanted.form(), by=call.actor)
    return show(call, person_id)


def suppress(call: OnCall, person_id: PersonId, wanted: shapes.Suppress) -> shapes.Done:
    """Never mail a person again."""
    call.newsroom.people.suppress(
        _address(call, person_id), reason=wanted.reason, note=wanted.note, by=call.actor
    )
    return shapes.Done(is_changed=True)


def unsuppress(call: OnCall, person_id: PersonId) -> shapes.Done:
    """Allow mail to a person again."""
    is_freed = call.newsroom.people.unsuppress(_address(call, person_id), by=call.actor)
    return shapes.Done(is_changed=is_freed)


def leave(call: OnCall, person_id: PersonId, wanted: shapes.Leave) -> shapes.Done:
    """End a subscription at the person's request."""
    address = _address(call, person_id)
    has_left = call.newsroom.people.leave(address, wanted.newsletter, by=call.actor)
    return shapes.Done(is_changed=has_left)


def erase(call: OnCall, person_id: PersonId, wanted: shapes.Erase) -> shapes.Done:
    """Delete a person whose address is sent as a confirmation."""
    _address(call, person_id)
    call.newsroom.people.erase_typed(person_id, wanted.address, by=call.actor)
    return shapes.Done(is_changed=True)


def _address(call: Call, person_id: int) -> str:
    try:
        return call.newsroom.people.address_of(person_id)
    except NothingToDo as error:
        raise not_found(f"subscriber {person_id}") from error


def _page(found: FoundPeople) -> shapes.Subscribers:
    return shapes.Subscribers(
        subscribers=[shapes.Subscriber.of(each, each.person) for each in found.people],
        next=write_cursor(found.next_page) if found.next_page else "",
    )
