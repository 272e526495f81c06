"""Finds whether a draft's audience differs too much from the last one, or from the accepted one."""

from __future__ import annotations

from digest.alerts import find_jump
from digest.models import StoredEdition
from digest.newsroom.context import RunContext
from digest.newsroom.snapshots import read_snapshot
from digest.pipeline.prepare import read_distribution
from digest.store import editions
from digest.store.engine import Connection
from digest.store.waiting import count_waiting


def jump_of(context: RunContext, stored: StoredEdition) -> str:
    """Return how a draft's audience differs too much; empty if it does not, or was accepted."""
    subscribers = count_audience(context, stored)
    with context.database.read() as connection:
        return jump_among(context, connection, stored, subscribers)


def count_audience(context: RunContext, stored: StoredEdition) -> int:
    """Return how many subscribers a draft would be sent to now; this reads the whole audience."""
    audience = context.newsletter_of(stored.newsletter).audience_of(stored.cadence, stored.local_at)
    edition = read_snapshot(stored)
    with context.database.read() as connection:
        return read_distribution(connection, edition, audience, now=context.clock()).subscribers


def jump_among(
    context: RunContext, connection: Connection, stored: StoredEdition, subscribers: int
) -> str:
    """Return the same as `jump_of` for an audience that is counted already."""
    if stored.is_audience_accepted and stored.accepted_audience is None:
        return ""  # accepted by an earlier version, which did not store the number
    return find_jump(
        subscribers,
        editions.last_audience(connection, stored.newsletter, stored.cadence),
        most=context.newsletter_of(stored.newsletter).max_jump,
        waiting=sum(each.subscribers for each in count_waiting(connection, stored.newsletter)),
        accepted=stored.accepted_audience,
    )
