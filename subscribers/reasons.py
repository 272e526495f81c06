"""The reasons that people give for leaving: stored and counted, without any consequence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select, update

from subscribers.preferences import State
from subscribers.tables import subscriptions

#: The most characters of a person's own words that are stored.
MAX_WORDS = 500


class Reason(StrEnum):
    """A reason to choose."""

    TOO_OFTEN = "too-often"
    NOT_FOR_ME = "not-for-me"
    READ_ELSEWHERE = "read-elsewhere"
    NOT_ASKED_FOR = "not-asked-for"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenReason:
    """One person's reason."""

    newsletter: str
    reason: Reason
    #: Their own words, on one line; may be empty.
    words: str
    left_at: datetime


def dump_reason(reason: Reason, words: str) -> str:
    """Return a reason as it is stored: the choice, then the person's words on one line."""
    printable = "".join(each if each.isprintable() else " " for each in words)
    said = " ".join(printable.split())[:MAX_WORDS]
    return f"{reason}: {said}" if said else reason.value


def load_reason(stored: str) -> tuple[Reason, str]:
    """Return the choice and the words that `dump_reason` wrote."""
    choice, _, words = stored.partition(": ")
    return Reason(choice), words


def give_reason(connection: Connection, person_id: int, newsletter: str, reason: str) -> bool:
    """Store why a person has left, as `dump_reason` wrote it; False if they have not left."""
    changed = connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.person_id == person_id,
            subscriptions.c.newsletter == newsletter,
            subscriptions.c.state == State.LEFT,
        )
        .values(left_reason=reason)
    )
    return changed.rowcount > 0


def list_reasons(connection: Connection, newsletter: str) -> Iterator[GivenReason]:
    """Yield the reasons that people gave for leaving a newsletter, newest first."""
    query = (
        select(subscriptions.c.left_reason, subscriptions.c.left_at)
        .where(
            subscriptions.c.newsletter == newsletter,
            subscriptions.c.state == State.LEFT,
            subscriptions.c.left_reason != "",
        )
        .order_by(subscriptions.c.left_at.desc(), subscriptions.c.person_id.desc())
    )
    for row in connection.execute(query):
        reason, words = load_reason(row.left_reason)
        yield GivenReason(newsletter=newsletter, reason=reason, words=words, left_at=row.left_at)
