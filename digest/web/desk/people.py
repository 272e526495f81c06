"""The subscribers: found, shown, changed, suppressed, erased."""

from __future__ import annotations

from typing import Annotated

from fastapi import HTTPException, Path
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse, JSONResponse, Response

from digest.newsroom.people.amend import REASONS
from digest.newsroom.people.search import SUPPRESSED, Search
from digest.web.desk.visit import OnVisit, Visit
from digest.web.forms import SentForm, first_of
from subscribers.preferences import State

#: Limited to the integers that every supported database can store.
PersonId = Annotated[int, Path(ge=1, lt=2**31)]


def list_people(
    visit: OnVisit, state: str = "", newsletter: str = "", after: str = ""
) -> HTMLResponse:
    """Show a page of people, and the counts over the whole list with their time."""
    if state and state != SUPPRESSED and not newsletter:
        newsletter = visit.newsroom.newsletters[0].name
    return _list(visit, Search(state=state, newsletter=newsletter, after=after))


def find(visit: OnVisit, form: SentForm) -> HTMLResponse:
    """Show the people whose address has a beginning; it is sent in forms, so no log has it."""
    return _list(visit, Search(text=first_of(form, "q"), after=first_of(form, "after")))


def find_again(visit: OnVisit) -> Response:
    """Go to the list, from the address of a search whose words are gone."""
    return visit.done("/subscribers")


def _list(visit: Visit, search: Search) -> HTMLResponse:
    newsroom = visit.newsroom
    return visit.page(
        "people/list",
        search=search,
        found=newsroom.people.find(search) if visit.sees_people else None,
        states=(*State, SUPPRESSED),
        everybody=newsroom.people_counts(),
        audiences=[(each, newsroom.audience_counts(each.name)) for each in newsroom.newsletters],
    )


def show(visit: OnVisit, person_id: PersonId) -> HTMLResponse:
    """Show one person."""
    profile = visit.newsroom.people.profile(person_id)
    if profile is None:
        raise HTTPException(404)
    return visit.page("people/show", profile=profile, reasons=REASONS)


def export(visit: OnVisit, person_id: PersonId) -> Response:
    """Send everything that is stored about one person, as JSON."""
    data = visit.newsroom.people.export_person(person_id)
    if data is None:
        raise HTTPException(404)
    headers = {"content-disposition": f'attachment; filename="subscriber-{person_id}.json"'}
    return JSONResponse(jsonable_encoder(data), headers=headers)


def list_fields(visit: OnVisit) -> HTMLResponse:
    """Show the operator's fields, with stored counts."""
    newsroom = visit.newsroom
    return visit.page(
        "people/fields", fields=newsroom.people.fields, everybody=newsroom.people_counts()
    )


def ask(visit: OnVisit) -> HTMLResponse:
    """Show the form that adds one subscriber."""
    return visit.page("people/add", newsletters=visit.newsroom.newsletters)


def add(visit: OnVisit, form: SentForm) -> Response:
    """Ask the owner of an address by mail."""
    address = first_of(form, "address").strip()
    visit.newsroom.people.add_by_mail(address, first_of(form, "newsletter"), by=visit.actor)
    said = f"{address} is asked by mail, and gets the newsletter after the confirmation."
    return visit.done("/subscribers", said)


def change_choices(visit: OnVisit, person_id: PersonId, form: SentForm) -> Response:
    """Store the choices of a confirmed subscriber."""
    newsletter = first_of(form, "newsletter")
    visit.newsroom.people.change_choices(person_id, newsletter, form, by=visit.actor)
    return visit.done(f"/subscribers/{person_id}", "The choices were stored.")


def change_person(visit: OnVisit, person_id: PersonId, form: SentForm) -> Response:
    """Store a person's name and values of fields."""
    people = visit.newsroom.people
    written = {
        name.removeprefix("field:"): values[-1]
        for name, values in form.items()
        if name.startswith("field:")
    }
    people.change_person(person_id, first_of(form, "name"), written, by=visit.actor)
    return visit.done(f"/subscribers/{person_id}", "The name and the fields were stored.")


def suppress(visit: OnVisit, person_id: PersonId, form: SentForm) -> Response:
    """Never mail a person again."""
    people = visit.newsroom.people
    people.suppress(
        people.address_of(person_id),
        reason=first_of(form, "reason"),
        note=first_of(form, "note"),
        by=visit.actor,
    )
    return visit.done(f"/subscribers/{person_id}", "This address is not mailed any more.")


def unsuppress(visit: OnVisit, person_id: PersonId) -> Response:
    """Allow mail to a person again."""
    people = visit.newsroom.people
    is_freed = people.unsuppress(people.address_of(person_id), by=visit.actor)
    said = "This address may be mailed again." if is_freed else "It was not suppressed."
    return visit.done(f"/subscribers/{person_id}", said)


def leave(visit: OnVisit, person_id: PersonId, form: SentForm) -> Response:
    """End a subscription at the person's request."""
    people = visit.newsroom.people
    has_left = people.leave(
        people.address_of(person_id), first_of(form, "newsletter"), by=visit.actor
    )
    said = "The subscription has ended." if has_left else "It had ended before."
    return visit.done(f"/subscribers/{person_id}", said)


def erase(visit: OnVisit, person_id: PersonId, form: SentForm) -> Response:
    """Delete a person after their address was typed."""
    visit.newsroom.people.erase_typed(person_id, first_of(form, "address"), by=visit.actor)
    return visit.done("/subscribers", "Erased. Only a keyed hash of the address stays.")
