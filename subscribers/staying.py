"""Less mail in place of leaving: a pause, or a rarer cadence.

Each is one statement that holds for a confirmed subscription only, so that a leaving at the same
moment is not undone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from subscribers.preferences import State
from subscribers.tables import subscriptions


def pause(connection: Connection, person_id: int, newsletter: str, until: datetime | None) -> bool:
    """Pause a subscription, or end its pause with None; False if it is not confirmed."""
    return _change(connection, person_id, newsletter, paused_until=until)


def choose_cadence(connection: Connection, person_id: int, newsletter: str, cadence: str) -> bool:
    """Change the cadence of a subscription; False if it is not confirmed."""
    return _change(connection, person_id, newsletter, cadence=cadence)


def _change(connection: Connection, person_id: int, newsletter: str, **values: Any) -> bool:
    changed = connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.person_id == person_id,
            subscriptions.c.newsletter == newsletter,
            subscriptions.c.state == State.CONFIRMED,
        )
        .values(**values)
    )
    return changed.rowcount > 0
