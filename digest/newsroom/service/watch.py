"""Finds situations that need a person, and reports each once."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.alerts import KIND, Situation, find_alerts
from digest.newsroom.context import RunContext
from digest.newsroom.service.notices import notify
from digest.store.feeds import feed_facts
from digest.store.slots import recent_slots
from digest.store.waiting import count_waiting

#: Slots older than this are not reported.
_LOOK_BACK = timedelta(days=7)


def watch(context: RunContext, now: datetime) -> tuple[str, ...]:
    """Store an alert for each situation not reported before; return the keys of these alerts."""
    names = tuple(each.name for each in context.newsletters)
    feeds = tuple(source.url for source in context.sources)
    with context.database.read() as connection:
        situation = Situation(
            slots=recent_slots(connection, names, since=now - _LOOK_BACK),
            feeds=feed_facts(connection, feeds),
            reviewed=frozenset(each.name for each in context.newsletters if each.is_reviewed),
            late_after=context.alerts.late_after,
            waiting=tuple(
                (each.newsletter, each.edition_id, each.subscribers)
                for each in count_waiting(connection)
            ),
            shown={
                (each.name, cadence.name): cadence.shown
                for each in context.newsletters
                for cadence in each.cadences
            },
        )
    recipients = context.alerts.recipients
    return tuple(
        alert.key
        for alert in find_alerts(situation, now=now)
        if notify(context.database, KIND, alert.key, alert.text, recipients, now=now)
    )
