"""The page of a poll: the answers, a button that votes, and the results after that.

Opening the page counts nothing, because scanners open every link of a mail. The token alone proves
who answers.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from fastapi.responses import HTMLResponse

from digest.newsroom.self_service.poll import PollPage
from digest.web.forms import SentForm, first_of
from digest.web.public.visit import OnPublic, PublicVisit, known
from subscribers.tokens import Purpose

#: The number of an answer in the link of a mail.
Choice = Annotated[int, Path(ge=1, le=5)]


def ask(visit: OnPublic, token: str) -> HTMLResponse:
    """Show a poll, or its results."""
    poll = visit.door.find_poll(visit.link(Purpose.VOTE, token))
    return _answer(visit, poll, token, 0)


def ask_chosen(visit: OnPublic, token: str, choice: Choice) -> HTMLResponse:
    """Show a poll with an answer chosen, which is not counted yet."""
    poll = visit.door.find_poll(visit.link(Purpose.VOTE, token))
    return _answer(visit, poll, token, choice)


def take_answer(visit: OnPublic, token: str, form: SentForm) -> HTMLResponse:
    """Count an answer."""
    choice = _read_choice(form)
    poll = visit.door.vote(visit.link(Purpose.VOTE, token), choice)
    return _answer(visit, poll, token, choice, is_sent=True)


def _answer(
    visit: PublicVisit,
    found: PollPage | None,
    token: str,
    choice: int,
    *,
    is_sent: bool = False,
) -> HTMLResponse:
    """Return the page of a poll; `choice` is the preselected or the sent answer, 0 for none."""
    poll = known(found)
    is_wrong = is_sent and poll.is_open and not poll.has(choice)
    return visit.pages.answer(
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
