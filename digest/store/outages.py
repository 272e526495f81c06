"""Writes marks through a restart of the database's server.

A connection that is lost at COMMIT leaves open whether the commit was done. So a repeated write
knows that it may be a repeat, and reads its rows again before it acts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import Connection, select

from digest.errors import ConnectionLostError
from digest.models import DeliveryState
from digest.store.tables import deliveries

#: How long a server may be away, in seconds, before the run ends with its error.
PATIENCE_S = 60.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 5.0

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


def write_through_outage(
    transaction: Callable[[], AbstractContextManager[Connection]],
    write: Callable[[Connection, bool], _T],
    *,
    patience_s: float = PATIENCE_S,
    before_repeat: Callable[[], object] = lambda: None,
    is_repeat: bool = False,
) -> _T:
    """Run a write in a transaction of marks; if the connection is lost, again on a new one.

    Args:
        transaction: `Database.write_marks`, or that of a kept connection; a SQLite file has no
            connection to lose.
        write: the write; its second argument says whether an earlier try may have been committed.
        patience_s: the seconds after which the error is raised.
        before_repeat: called before each repeat; takes back what the lost connection held.
        is_repeat: whether the caller has lost a connection with this write already.

    Raises:
        ConnectionLostError: the server did not come back.
        StoreError: the write failed for another reason.
    """
    deadline, wait_s = time.monotonic() + patience_s, _FIRST_WAIT_S
    while True:
        try:
            if is_repeat:
                before_repeat()
            with transaction() as connection:
                return write(connection, is_repeat)
        except ConnectionLostError as error:
            if time.monotonic() + wait_s > deadline:
                raise
            _log.warning("the connection was lost; trying again in %.1f s: %s", wait_s, error)
        time.sleep(wait_s)
        wait_s, is_repeat = min(2 * wait_s, _LONGEST_WAIT_S), True


def own_handing(
    connection: Connection, delivery_ids: Collection[int], worker: str
) -> frozenset[int]:
    """Return those rows that are marked as being handed over by this worker.

    A repeated write asks this for the marks of its first try: their mails may be sent.
    """
    query = select(deliveries.c.id).where(
        deliveries.c.id.in_(delivery_ids),
        deliveries.c.worker == worker,
        deliveries.c.state == DeliveryState.HANDING,
    )
    return frozenset(connection.execute(query).scalars())
