"""Reports slots that were missed: one alert for all of them, however long the outage was."""

from __future__ import annotations

import logging
from datetime import datetime

from digest.alerts import KIND
from digest.newsroom.context import RunContext
from digest.store.notices import add_notices
from digest.store.slots import StoredSlot, take_unreported, unreported_slots

_log = logging.getLogger(__name__)


def report_missed(context: RunContext, now: datetime) -> tuple[StoredSlot, ...]:
    """Store one alert for the missed slots that were not reported yet; return these slots."""
    names = tuple(each.name for each in context.newsletters)
    with context.database.read() as connection:
        if not unreported_slots(connection, names, now=now):
            return ()
    with context.database.write() as connection:
        # Read again: another process may have been faster.
        missed = take_unreported(connection, names, now=now)
        if missed:
            last = missed[-1]
            key = f"{last.newsletter}/{last.cadence}/{last.local_at}/{now:%Y-%m-%dT%H:%M}/missed"
            recipients = context.alerts.recipients
            add_notices(connection, KIND, key, _in_words(missed), recipients, now=now)
    if missed:
        _log.warning("%s", "; ".join(_in_words(missed).splitlines()[:-1]))
    return missed


def _in_words(missed: tuple[StoredSlot, ...]) -> str:
    if len(missed) == 1:
        return f"{_line(missed[0])}\nIts posts will be in the next edition."
    lines = "\n".join(map(_line, missed))
    return f"{len(missed)} editions were not sent\n{lines}\nTheir posts will be in the next ones."


def _line(slot: StoredSlot) -> str:
    name = f"{slot.newsletter} ({slot.cadence}), {slot.local_at.replace('T', ' ')}"
    return f"{name}: no edition was sent: {slot.reason or 'its draft was cancelled'}"
