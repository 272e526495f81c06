"""The report over time, what was sent to one address, and files for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from fastapi import HTTPException, Query
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from digest.errors import NothingToDo, UsageError
from digest.web.desk import sending_charts as charts
from digest.web.desk.people import PersonId
from digest.web.desk.visit import EditionId, OnVisit
from digest.web.forms import SentForm, first_of
from subscribers.errors import SubscriberError

#: Mails of one person on a page.
_MOST_MAILS = 12


def show(visit: OnVisit, newsletter: str = "") -> HTMLResponse:
    """Show a newsletter's editions and subscribers over time."""
    names = [each.name for each in visit.newsroom.newsletters]
    report = visit.newsroom.sending.report(newsletter or names[0])
    return visit.page(
        "report/show",
        report=report,
        names=names,
        editions=charts.editions_chart(report),
        trouble=charts.trouble_chart(report),
        subscribers=charts.subscribers_chart(report.days),
        changes=charts.changes_chart(report.days),
    )


def editions_file(visit: OnVisit, newsletter: str) -> StreamingResponse:
    """Return the editions of the report as CSV."""
    return _file(visit.newsroom.sending.report_csv(newsletter), f"{newsletter}-editions")


def days_file(visit: OnVisit, newsletter: str) -> StreamingResponse:
    """Return the days of the report as CSV."""
    return _file(visit.newsroom.sending.days_csv(newsletter), f"{newsletter}-days")


def deliveries_file(visit: OnVisit, edition_id: EditionId) -> StreamingResponse:
    """Return the deliveries of an edition as CSV, in pieces: there may be a million."""
    pieces = visit.newsroom.sending.deliveries_csv(edition_id, shows_people=visit.sees_people)
    return _file(pieces, f"edition-{edition_id}-deliveries")


def ask_mails(visit: OnVisit) -> HTMLResponse:
    """Ask for an address."""
    return visit.page("sending/recipient", address="", found=None, problem="")


def find_mails(visit: OnVisit, form: SentForm) -> Response:
    """Go to what was sent to an address, which no log gets."""
    address = first_of(form, "address").strip()
    try:
        found = visit.newsroom.sending.find(address)
    except (NothingToDo, SubscriberError, UsageError) as error:
        return visit.refused("sending/recipient", f"{error}", address=address, found=None)
    return visit.done(f"/report/mails/{found.person_id}")


def show_mails(
    visit: OnVisit, person_id: PersonId, before: Annotated[int | None, Query(ge=1, lt=2**31)] = None
) -> HTMLResponse:
    """Show what was sent to a person, when, and what the server answered."""
    try:
        address = visit.newsroom.people.address_of(person_id)
        # One more than is shown, which tells whether there are older ones.
        found = visit.newsroom.sending.find(address, most=_MOST_MAILS + 1, before=before)
    except NothingToDo as error:
        raise HTTPException(404) from error
    shown = found.deliveries[:_MOST_MAILS]
    return visit.page(
        "sending/recipient",
        address=found.address,
        found=replace(found, deliveries=shown),
        problem="",
        older=shown[-1].delivery.edition_id if len(found.deliveries) > len(shown) else None,
    )


def show_webhooks(visit: OnVisit) -> HTMLResponse:
    """Show the webhooks that get events, and how they answer."""
    return visit.page("sending/webhooks", webhooks=visit.newsroom.sending.webhooks())


def _file(pieces: Iterator[str], name: str) -> StreamingResponse:
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)
