"""Reads the polls that mails had, with their answers counted."""

from __future__ import annotations

from digest.composer.poll import repeated_in
from digest.composer.rules import Rules
from digest.composer.snapshot import edition_from_json
from digest.models import AskedPoll, Edition, PollResults
from digest.store import votes
from digest.store.engine import Connection


def read_last_poll(connection: Connection, newsletter: str, cadence: str) -> AskedPoll | None:
    """Return the last poll that the mails of a cadence had; None if they had none."""
    found = votes.last_asked(connection, newsletter, cadence)
    if found is None:
        return None
    edition_id, snapshot = found
    results = read_results(connection, edition_id, edition_from_json(snapshot))
    if results is None:
        return None
    return AskedPoll(results=results, is_newest=votes.is_open(connection, edition_id))


def find_repeat(connection: Connection, rules: Rules) -> int | None:
    """Return the id of the edition that asked a cadence's configured question; None if none did."""
    last = read_last_poll(connection, rules.newsletter, rules.cadence)
    return repeated_in(rules.masthead.poll, last)


def read_results(connection: Connection, edition_id: int, edition: Edition) -> PollResults | None:
    """Return the poll of an edition with the present answers; None if it has no poll."""
    poll = edition.masthead.poll
    if poll is None:
        return None
    return PollResults(
        edition_id=edition_id,
        question=poll.question,
        choices=poll.choices,
        counts=votes.count_votes(connection, edition_id, len(poll.choices)),
    )
