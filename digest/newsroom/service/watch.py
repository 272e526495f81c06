"""Looking for what needs a person, and telling it once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.alerts import KIND, Situation, find_alerts
from digest.newsroom.service.notices import tell
from digest.store.engine import Database
from digest.store.feeds import feed_facts
from digest.store.slots import recent_slots

#: Older slots are no news any more.
_LOOK_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched, and who is told."""

    newsletters: tuple[str, ...]
    #: Those of them whose editions wait for approval.
    reviewed: frozenset[str]
    #: Addresses of feeds as configured.
    feeds: tuple[str, ...]
    late_after: timedelta
    #: Mail addresses and `tell.WEBHOOK`; empty: nobody is told.
    recipients: tuple[str, ...]


def watch(database: Database, watched: Watch, *, now: datetime) -> tuple[str, ...]:
    """Tell what needs a person and was not told before; gives its keys."""
    with database.read() as connection:
        situation = Situation(
            slots=recent_slots(connection, watched.newsletters, since=now - _LOOK_BACK),
            feeds=feed_facts(connection, watched.feeds),
            reviewed=watched.reviewed,
            late_after=watched.late_after,
        )
    return tuple(
        alert.key
        for alert in find_alerts(situation, now=now)
        if tell(database, KIND, alert.key, alert.text, watched.recipients, now=now)
    )
