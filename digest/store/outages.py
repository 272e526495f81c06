"""Writes marks through a restart of the database's server.

A connection that is lost at COMMIT leaves open whether the commit was done. So a repeated write
knows that it may be a repeat, and reads its rows again before it acts.
"""

from __future__ import annotations

import logging
import math
import threading
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
#: The same from the moment in which the run was asked to stop: a service is killed soon after that.
HURRIED_S = 20.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 5.0

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


class Hurry:
    """Shortens the patience of all writes of a run that was asked to stop."""

    def __init__(self, patience_s: float = HURRIED_S) -> None:
        """Allow `patience_s` seconds from the call of `start`; until then nothing is shortened."""
        self._patience_s = patience_s
        self._started = threading.Event()
        self._deadline = math.inf

    def start(self) -> None:
        """Begin; a thread that waits for the server tries at once, and may wait again."""
        if not self._started.is_set():
            self._deadline = time.monotonic() + self._patience_s
            self._started.set()

    def allows(self, wait_s: float, deadline: float) -> bool:
        """Return whether a wait ends before a time of the monotonic clock and its own."""
        return time.monotonic() + wait_s <= min(deadline, self._deadline)

    def wait(self, wait_s: float) -> None:
        """Wait for these seconds; if the start comes meanwhile, only until then."""
        if self._started.is_set():
            time.sleep(wait_s)
        else:
            self._started.wait(wait_s)


def write_through_outage(
    transaction: Callable[[], AbstractContextManager[Connection]],
    write: Callable[[Connection, bool], _T],
    *,
    patience_s: float = PATIENCE_S,
    before_repeat: Callable[[], object] = lambda: None,
    is_repeat: bool = False,
    hurry: Hurry | None = None,
) -> _T:
    """Run a write in a transaction of marks; if the connection is lost, again on a new one.

    Args:
        transaction: `Database.write_marks`, or that of a kept connection; a SQLite file has no
            connection to lose.
        write: the write; its second argument says whether an earlier try may have been committed.
        patience_s: the seconds after which the error is raised.
        before_repeat: called before each repeat; takes back what the lost connection held.
        is_repeat: whether the caller has lost a connection with this write already.
        hurry: shortens the patience; None: nothing does.

    Raises:
        ConnectionLostError: the server did not come back.
        StoreError: the write failed for another reason.
    """
    deadline, wait_s = time.monotonic() + patience_s, _FIRST_WAIT_S
    hurry = hurry or Hurry()
    while True:
        try:
            if is_repeat:
                before_repeat()
            with transaction() as connection:
                return write(connection, is_repeat)
        except ConnectionLostError as error:
            if not hurry.allows(wait_s, deadline):
                raise
            _log.warning("the connection was lost; trying again in %.1f s: %s", wait_s, error)
        hurry.wait(wait_s)
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
