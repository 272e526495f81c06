"""The page to leave a newsletter: one button, and the POST of mail programs (RFC 8058).

Opening the page changes nothing, because scanners open every link of a mail. The POST needs no
cookie and no login, because mail programs have none; the token alone proves who leaves.
"""

from __future__ import annotations

from collections.abc import Mapping

from anyio import to_thread
from fastapi import HTTPException
from fastapi.responses import HTMLResponse

from digest.errors import StoreError
from digest.newsroom.self_service.returning import LeavePage, Offer
from digest.web.forms import first_of, parse_fields
from digest.web.public.visit import OnPublic, PublicVisit, known
from subscribers.leavings import Leaving
from subscribers.reasons import MAX_WORDS, Reason
from subscribers.tokens import Link, Purpose


def ask(visit: OnPublic, token: str) -> HTMLResponse:
    """Ask whether a subscriber wants to leave."""
    return _show(visit, visit.door.leavers.find(visit.link(Purpose.LEAVE, token)), token)


async def answer(visit: OnPublic, token: str) -> HTMLResponse:
    """Leave, or do what the page offers."""
    form = _read_form(await visit.request.body())
    return await to_thread.run_sync(_act, visit, token, form)


def _act(visit: PublicVisit, token: str, form: Mapping[str, str]) -> HTMLResponse:
    leavers, link = visit.door.leavers, visit.link(Purpose.LEAVE, token)
    do = form.get("do", "")
    if do in ("", "all"):
        how = "page" if form.get("how") == "page" or do else "one-click"
        leaving = Leaving(link=link, how=how, at=visit.door.clock(), is_all=do == "all")
        return _leave(visit, token, leaving)
    if do == "reason":
        return _explain(visit, token, link, form)
    if do in tuple(Offer):
        return _show(visit, leavers.take(link, Offer(do)), token, done=do)
    # A form of another version of this page.
    return _show(visit, leavers.find(link), token, 422)


def _leave(visit: PublicVisit, token: str, leaving: Leaving) -> HTMLResponse:
    leavers = visit.door.leavers
    if not leavers.leave(leaving):
        raise HTTPException(404)
    try:
        page = leavers.find(leaving.link)
    except StoreError:
        page = None
    # Kept in the journal: the database does not know it yet.
    if page is None or not page.has_left:
        return visit.pages.answer("left-soon")
    return _show(visit, page, token, done="all" if leaving.is_all else "left")


def _explain(visit: PublicVisit, token: str, link: Link, form: Mapping[str, str]) -> HTMLResponse:
    leavers, reason = visit.door.leavers, form.get("reason", "")
    if reason not in tuple(Reason):
        return _show(visit, leavers.find(link), token, 422, done="no-reason")
    return _show(visit, leavers.explain(link, Reason(reason), form.get("words", "")), token)


def _show(
    visit: PublicVisit, found: LeavePage | None, token: str, status: int = 200, *, done: str = ""
) -> HTMLResponse:
    page = known(found)
    return visit.pages.answer(
        "left" if page.has_left else "leave",
        newsletter=page.name,
        language=page.language,
        status=status,
        page=page,
        token=token,
        done=done,
        reasons=tuple(Reason),
        max_words=MAX_WORDS,
    )


def _read_form(body: bytes) -> dict[str, str]:
    """Return the first value of each field of a form; a body of any other kind has none.

    A mail program may send `List-Unsubscribe=One-Click` in either form encoding (RFC 8058
    section 3.2), and some send nothing; each counts as a request to leave.
    """
    try:
        fields = parse_fields(body)
    except ValueError:
        return {}
    return {name: first_of(fields, name) for name in fields}
