"""Decides which poll an edition asks, and whether it prints the answers to the last one."""

from __future__ import annotations

from digest.models import AskedPoll, Poll, PollResults

#: With fewer answers nothing is printed: one of two people would know how the other answered.
MIN_ANSWERS = 3


def choose_poll(configured: Poll | None, last: AskedPoll | None) -> Poll | None:
    """Return the configured poll; None if the cadence's last poll had the same question.

    A question is mailed once: the next edition has its results, and asks nothing until the
    question changes.
    """
    return None if repeated_in(configured, last) else configured


def repeated_in(configured: Poll | None, last: AskedPoll | None) -> int | None:
    """Return the id of the edition that asked the configured question; None if it is new.

    Letter case and spaces do not make a question new, nor do other answers.
    """
    if configured is None or last is None:
        return None
    is_same = _folded(configured.question) == _folded(last.results.question)
    return last.results.edition_id if is_same else None


def choose_results(last: AskedPoll | None) -> PollResults | None:
    """Return the answers to print; None if they were printed before, or are too few."""
    if last is None or not last.is_newest or last.results.total < MIN_ANSWERS:
        return None
    return last.results


def _folded(question: str) -> str:
    return " ".join(question.split()).casefold()
