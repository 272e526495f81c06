"""The page to leave a newsletter: one button, and the POST of mail programs (RFC 8058).

Opening the page changes nothing, because scanners open every link of a mail. The POST needs no
cookie and no login, because mail programs have none; the token alone proves who leaves.
"""

from __future__ import annotations

from collections.abc import Mapping

from anyio import to_thread
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from digest.errors import StoreError
from digest.newsroom.self_service.returning import LeavePage, Offer
from digest.web.forms import first_of, parse_fields
from digest.web.ports import Clock, Leavers
from digest.web.public.pages import PublicPages
from subscribers.leavings import Leaving
from subscribers.reasons import MAX_WORDS, Reason
from subscribers.tokens import Link, LinkReader, Purpose


def leave_routes(
    links: LinkReader, leavers: Leavers, pages: PublicPages, clock: Clock
) -> APIRouter:
    """Return the routes of the page to leave."""
    router = APIRouter()

    def read(token: str) -> Link:
        link = links.read(Purpose.LEAVE, token)
        if link is None:
            raise HTTPException(404)
        return link

    def show(
        page: LeavePage | None, token: str, status: int = 200, *, done: str = ""
    ) -> HTMLResponse:
        if page is None:
            raise HTTPException(404)
        return pages.answer(
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

    def leave(token: str, how: str, *, is_all: bool) -> HTMLResponse:
        leaving = Leaving(link=read(token), how=how, at=clock(), is_all=is_all)
        if not leavers.leave(leaving):
            raise HTTPException(404)
        try:
            page = leavers.find(leaving.link)
        except StoreError:
            page = None
        # Kept in the journal: the database does not know it yet.
        if page is None or not page.has_left:
            return pages.answer("left-soon")
        return show(page, token, done="all" if is_all else "left")

    def explain(link: Link, token: str, reason: str, words: str) -> HTMLResponse:
        if reason not in tuple(Reason):
            return show(leavers.find(link), token, 422, done="no-reason")
        return show(leavers.explain(link, Reason(reason), words), token)

    def act(token: str, form: Mapping[str, str]) -> HTMLResponse:
        link, do = read(token), form.get("do", "")
        if do in ("", "all"):
            how = "page" if form.get("how") == "page" or do else "one-click"
            return leave(token, how, is_all=do == "all")
        if do == "reason":
            return explain(link, token, form.get("reason", ""), form.get("words", ""))
        if do in tuple(Offer):
            return show(leavers.take(link, Offer(do)), token, done=do)
        # A form of another version of this page.
        return show(leavers.find(link), token, 422)

    @router.api_route("/u/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> HTMLResponse:
        return show(leavers.find(read(token)), token)

    @router.post("/u/{token}")
    async def answer(token: str, request: Request) -> HTMLResponse:
        return await to_thread.run_sync(act, token, _read_form(await request.body()))

    return router


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
