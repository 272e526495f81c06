"""The page of a poll with made-up answers, for tests that look at it."""

from __future__ import annotations

from dataclasses import replace

from digest.models import PollResults
from digest.newsroom.self_service.poll import Answer, PollPage
from digest.web.public.door import PublicDoor
from tests.support.web_doors import PeopleStore, public_door

QUESTION = "Should the library stay open until midnight?"
CHOICES = (
    "I agree",
    "I disagree",
    "Only on Fridays, and only while the tram still runs along the harbour",
)


def poll_page(
    *counts: int, own: int | None = None, is_open: bool = True, language: str = "en"
) -> PollPage:
    """Return the page of a poll; `counts` are the answers until now."""
    counts = counts or (255, 157, 31)
    found = PollResults(
        edition_id=7, question=QUESTION, choices=CHOICES[: len(counts)], counts=counts
    )
    return PollPage(
        newsletter="weekly",
        language=language,
        masked_address="a…@heritage.org",
        question=QUESTION,
        answers=tuple(
            Answer(number=number, label=label, count=count, percent=percent)
            for number, (label, count, percent) in enumerate(
                zip(found.choices, found.counts, found.percents, strict=True), 1
            )
        ),
        own=own,
        is_open=is_open,
    )


def polling_door(store: PeopleStore, page: PollPage) -> PublicDoor:
    """Return the public pages with a poll; a vote becomes the own answer and is not stored."""
    return replace(
        public_door(store),
        find_poll=lambda _link: page,
        vote=lambda _link, choice: replace(page, own=choice) if page.has(choice) else page,
    )
