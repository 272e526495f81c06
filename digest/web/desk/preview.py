"""The preview of an edition or of a past week: exactly what is sent, to anybody."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import HTTPException, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from digest.errors import UsageError
from digest.models.admins import Right
from digest.models.looks import Look
from digest.newsroom.proof.opening import OpenedEdition, person_of
from digest.newsroom.proof.parts import findings_of, links_of, show
from digest.web.desk.entry import Forbidden
from digest.web.desk.shown import Dark, OnShown, Screen, Shown, Tab
from digest.web.desk.visit import EditionId, OnVisit, Visit
from digest.web.forms import SentForm, first_of
from digest.web.guards import letter_policy

#: A week of the ISO calendar, such as `2026-W40`.
WeekName = Annotated[str, Path(max_length=20)]
NewsletterName = Annotated[str, Path(max_length=64)]

#: The mail is an untrusted page in our frame: no scripts, no forms, not our origin.
_FRAME_HEADERS = {
    "content-security-policy": letter_policy(allow_http_images=True, frame_ancestors="'self'"),
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "no-referrer",
}


# --- an edition -----------------------------------------------------------------------------------


def show_edition(visit: OnVisit, edition_id: EditionId, shown: OnShown) -> HTMLResponse:
    """Show one side of the mail that a person gets of an edition."""
    return _edition_page(visit, edition_id, shown)


def show_mail(
    visit: OnVisit, edition_id: EditionId, shown: OnShown, screen: Screen = Screen.DESKTOP
) -> HTMLResponse:
    """Show the mail in its frame, which can do nothing."""
    opened = _open(visit, edition_id, shown)
    return _frame(opened, shown.look(screen), shown.at)


def save_message(visit: OnVisit, edition_id: EditionId, shown: OnShown) -> Response:
    """Return the message as a file that mail programs open."""
    opened = _open(visit, edition_id, shown)
    return _message(opened, f"edition-{edition_id}.eml")


def find_subscriber(
    visit: OnVisit, edition_id: EditionId, shown: OnShown, form: SentForm
) -> Response:
    """Go to the mail of the subscriber with an address, which is not kept in any address."""
    address = first_of(form, "address")
    head = visit.newsroom.desk.head(edition_id)
    try:
        who = visit.newsroom.proofs.find_subscriber(head.name, address)
    except UsageError as error:
        problem = {"problem": str(error), "address": address}
        return _edition_page(visit, edition_id, shown, status=422, **problem)
    return visit.done(f"/editions/{edition_id}/preview?{shown.query(who=who)}")


def _edition_page(
    visit: Visit, edition_id: int, shown: Shown, *, status: int = 200, **values: object
) -> HTMLResponse:
    head = visit.newsroom.desk.head(edition_id)
    opened = _open(visit, edition_id, shown)
    base = f"/editions/{edition_id}/preview"
    return _page(visit, "preview/edition", opened, shown, base, status, head=head, **values)


# --- a past week ----------------------------------------------------------------------------------


def choose_week(
    visit: OnVisit,
    newsletter: Annotated[str, Query(max_length=64)] = "",
    week: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the form for a past week, or go to that week."""
    if not week:
        return visit.page("preview/choose", newsletters=visit.newsroom.newsletters, found=())
    found = visit.newsroom.proofs.editions_of_week(newsletter, week)
    if len(found) == 1:
        return RedirectResponse(f"/editions/{found[0]}/preview", 303)
    if found:
        heads = [visit.newsroom.desk.head(edition_id) for edition_id in found]
        newsletters = visit.newsroom.newsletters
        return visit.page("preview/choose", newsletters=newsletters, found=heads)
    name = visit.newsroom.newsletter(newsletter).name
    return RedirectResponse(_week_address(name, week), 303)


def show_week(
    visit: OnVisit, newsletter: NewsletterName, week: WeekName, shown: OnShown
) -> HTMLResponse:
    """Show the mail that a past week would have had, composed again."""
    return _week_page(visit, newsletter, week, shown)


def find_week_subscriber(
    visit: OnVisit, newsletter: NewsletterName, week: WeekName, shown: OnShown, form: SentForm
) -> Response:
    """Go to the mail of a past week for the subscriber with an address."""
    address = first_of(form, "address")
    try:
        who = visit.newsroom.proofs.find_subscriber(newsletter, address)
    except UsageError as error:
        problem = {"problem": str(error), "address": address}
        return _week_page(visit, newsletter, week, shown, status=422, **problem)
    return visit.done(f"{_week_address(newsletter, week)}?{shown.query(who=who)}")


def _week_page(
    visit: Visit, newsletter: str, week: str, shown: Shown, *, status: int = 200, **values: object
) -> HTMLResponse:
    opened = _open_week(visit, newsletter, week, shown)
    base = _week_address(newsletter, week)
    return _page(visit, "preview/week", opened, shown, base, status, week=week, **values)


def _week_address(newsletter: str, week: str) -> str:
    return f"/weeks/{quote(newsletter, safe='')}/{quote(week, safe='')}"


def show_week_mail(
    visit: OnVisit,
    newsletter: NewsletterName,
    week: WeekName,
    shown: OnShown,
    screen: Screen = Screen.DESKTOP,
) -> HTMLResponse:
    """Show the mail of a past week in its frame."""
    opened = _open_week(visit, newsletter, week, shown)
    return _frame(opened, shown.look(screen), shown.at)


def save_week_message(
    visit: OnVisit, newsletter: NewsletterName, week: WeekName, shown: OnShown
) -> Response:
    """Return the message of a past week as a file that mail programs open."""
    opened = _open_week(visit, newsletter, week, shown)
    return _message(opened, f"{newsletter}-{week}.eml")


def _open(visit: Visit, edition_id: int, shown: Shown) -> OpenedEdition:
    _refuse_person(visit, shown)
    return visit.newsroom.proofs.open(edition_id, shown.who)


def _open_week(visit: Visit, newsletter: str, week: str, shown: Shown) -> OpenedEdition:
    _refuse_person(visit, shown)
    return visit.newsroom.proofs.open_week(newsletter, week, shown.who)


def _refuse_person(visit: Visit, shown: Shown) -> None:
    """Refuse the mail of a subscriber, which has their address, to an admin who may not see it."""
    if person_of(shown.who) and not visit.may(Right.OPEN):
        raise Forbidden(f"The mail of a subscriber needs the right “{Right.OPEN}”.")


# --- parts ----------------------------------------------------------------------------------------


def _page(
    visit: Visit,
    template: str,
    opened: OpenedEdition,
    shown: Shown,
    base: str,
    status: int,
    **values: object,
) -> HTMLResponse:
    proof, tab = opened.proof, shown.tab
    given: dict[str, object] = {
        "problem": "",
        "address": "",
        "opened": opened,
        "proof": proof,
        "base": base,
        "shown": shown,
        "views": tuple(Tab),
        "screens": tuple(Screen),
        "darks": tuple(Dark),
        "found": findings_of(proof) if proof else (),
        "links": links_of(proof) if proof and tab is Tab.LINKS else (),
        "size": visit.newsroom.proofs.size_of(proof) if proof and tab is Tab.SIZE else None,
        **values,
    }
    return visit.page(template, status=status, **given)


def _frame(opened: OpenedEdition, look: Look, marked: int) -> HTMLResponse:
    if opened.proof is None:
        raise HTTPException(404)
    return HTMLResponse(show(opened.proof, look, marked), headers=_FRAME_HEADERS)


def _message(opened: OpenedEdition, name: str) -> Response:
    if opened.proof is None:
        raise HTTPException(404)
    given = f"attachment; filename*=utf-8''{quote(name, safe='')}"
    headers = {"content-disposition": given}
    return Response(opened.proof.content, media_type="message/rfc822", headers=headers)
