"""Counts over the whole list: taken with a draft or on request, stored, and shown with their time.

Counting reads every subscriber, so no page counts while it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from digest.models import Actor, AudienceCounts, PeopleCounts
from digest.newsroom.audit import record
from digest.newsroom.context import NewsletterContext, RunContext
from digest.store import stored_counts
from subscribers.fields import Kind

#: A draft that is made again within this time does not count again.
FRESH = timedelta(hours=1)
#: Who asks again within this time gets the counts that there are.
AGAIN = timedelta(minutes=1)
#: The turn of the one who counts.
_TURN = "count subscribers"


def read_audience(context: RunContext, newsletter: str = "") -> AudienceCounts | None:
    """Return the stored counts of a newsletter's subscribers; None if they were never counted.

    Raises:
        UsageError: the newsletter does not exist.
        StoreError: the database cannot be used.
    """
    name = context.newsletter_of(newsletter).name
    with context.database.read() as connection:
        return stored_counts.read_audience(connection, name)


def read_people(context: RunContext) -> PeopleCounts | None:
    """Return the stored counts of all people; None if they were never counted.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        return stored_counts.read_people(connection)


def count_again(context: RunContext, newsletter: str = "", *, by: Actor) -> bool:
    """Count a newsletter's subscribers, and all people, and store both.

    One count runs at a time, and one that ended within `AGAIN` is used instead of another.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name; empty for all newsletters.
        by: the actor.

    Returns:
        Whether this call counted.

    Raises:
        UsageError: the newsletter does not exist.
        StoreError: the database cannot be used.
    """
    owners = (context.newsletter_of(newsletter),) if newsletter else context.newsletters
    with context.database.take_turn(_TURN) as is_ours:
        if not is_ours or _is_just_counted(context, owners):
            return False
        _count(context, owners, newsletter, by)
    return True


def _is_just_counted(context: RunContext, owners: Sequence[NewsletterContext]) -> bool:
    now = context.clock()
    with context.database.read() as connection:
        everybody = stored_counts.read_people(connection)
        found = [stored_counts.audience_counted_at(connection, owner.name) for owner in owners]
    times = [everybody.counted_at if everybody else None, *found]
    return all(at is not None and timedelta() <= now - at < AGAIN for at in times)


def _count(
    context: RunContext, owners: Sequence[NewsletterContext], newsletter: str, by: Actor
) -> None:
    now = context.clock()
    choices = [field.name for field in context.fields if field.kind is Kind.CHOICE]
    # Counted before the transaction that writes, so that no sender waits for it.
    with context.database.read() as connection:
        counted = [
            stored_counts.count_audience(connection, owner.name, owner.segment, now=now)
            for owner in owners
        ]
        everybody = stored_counts.count_people(connection, choices, now=now)
    with context.database.write() as connection:
        for counts in counted:
            stored_counts.save_audience(connection, counts)
        stored_counts.save_people(connection, everybody)
        record(context, connection, by, "count subscribers", newsletter=newsletter)


def count_for_draft(context: RunContext, newsletter: str) -> None:
    """Count a newsletter's subscribers for its draft, unless that was done within `FRESH`.

    The entry of the audit is that of the draft.

    Raises:
        StoreError: the database cannot be used.
    """
    owner, now = context.newsletter_of(newsletter), context.clock()
    with context.database.read() as connection:
        at = stored_counts.audience_counted_at(connection, owner.name)
        if at is not None and now - at < FRESH:
            return
        counts = stored_counts.count_audience(connection, owner.name, owner.segment, now=now)
    with context.database.write() as connection:
        stored_counts.save_audience(connection, counts)
