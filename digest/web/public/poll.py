"""The page of a poll: the answers, a button that votes, and the results after that.

Opening the page counts nothing, because scanners open every link of a mail. The token alone proves
who answers.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import HTMLResponse

from digest.newsroom.self_service.poll import PollPage
from digest.web.forms import SentForm, first_of
from digest.web.ports import PollFinder, Voter
from digest.web.public.pages import PublicPages
from subscribers.tokens import Link, LinkReader, Purpose

#: The number of an answer in the link of a mail.
Choice = Annotated[int, Path(ge=1, le=5)]


def poll_routes(links: LinkReader, find: PollFinder, vote: Voter, pages: PublicPages) -> APIRouter:
    """Return the routes of the polls."""
    router = APIRouter()

    def read(token: str) -> Link:
        link = links.read(Purpose.VOTE, token)
        if link is None:
            raise HTTPException(404)
        return link

    def show(token: str, choice: int) -> HTMLResponse:
        return _answer(pages, find(read(token)), token, choice)

    @router.api_route("/q/{token}", methods=["GET", "HEAD"])
    def ask(token: str) -> HTMLResponse:
        return show(token, 0)

    @router.api_route("/q/{token}/{choice}", methods=["GET", "HEAD"])
    def ask_chosen(token: str, choice: Choice) -> HTMLResponse:
        return show(token, choice)

    @router.post("/q/{token}")
    def take_answer(token: str, form: SentForm) -> HTMLResponse:
        choice = _read_choice(form)
        return _answer(pages, vote(read(token), choice), token, choice, is_sent=True)

    return router


def _answer(
    pages: PublicPages, poll: PollPage | None, token: str, choice: int, *, is_sent: bool = False
) -> HTMLResponse:
    """Return the page of a poll; `choice` is the preselected or the sent answer, 0 for none."""
    if poll is None:
        raise HTTPException(404)
    is_wrong = is_sent and poll.is_open and not poll.has(choice)
    return pages.answer(
        "poll",
        newsletter=poll.newsletter,
        language=poll.language,
        status=422 if is_wrong else 200,
        poll=poll,
        token=token,
        chosen=choice if poll.has(choice) else poll.own,
        is_sent=is_sent,
        is_wrong=is_wrong,
    )


def _read_choice(form: SentForm) -> int:
    """Return the number of the answer in a form; 0 if there is none."""
    sent = first_of(form, "choice")
    return int(sent) if len(sent) == 1 and sent in "12345" else 0
