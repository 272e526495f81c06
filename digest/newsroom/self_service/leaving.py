"""Ends subscriptions at the subscriber's request, also while the database cannot be written.

A request to leave never fails for that reason: it is stored in the journal until the database can
be written again. The same holds while the database may not send, because it was put back or copied.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

from digest.errors import StoreError, disk_fault
from digest.models import SUBSCRIBER, AuditEntry, EventKind
from digest.newsroom import copied
from digest.newsroom.context import RunContext
from digest.store.audit import add_entry
from digest.store.engine import Connection, Database
from digest.store.events import add_subscriber_event
from subscribers.leavings import LeaveJournal, Leaving
from subscribers.people import find_public_id, find_subscription, leave, list_subscriptions
from subscribers.preferences import Person

#: Seconds without another try after the database could not be written: the mail program of each
#: subscriber waits for the answer, and there may be hundreds of them.
_PAUSE_S = 2.0

_log = logging.getLogger(__name__)


class Leavings:
    """The requests to leave."""

    def __init__(
        self,
        database: Callable[[], Database],
        journal: LeaveJournal,
        find_journal: Callable[[], LeaveJournal | None] = lambda: None,
    ) -> None:
        """Store the access to the data.

        Args:
            database: a function that returns the open database; a short busy timeout is best,
                because a subscriber waits.
            journal: the journal of unsubscribe requests.
            find_journal: a function that returns the journal to use in place of a database that was
                put back or copied; see `digest.newsroom.copied`.
        """
        self._database = database
        self._journal = journal
        self._find_journal = find_journal
        #: Until then, by `time.monotonic`, requests go to the journal at once.
        self._paused_until = 0.0

    @classmethod
    def of(cls, context: RunContext) -> Leavings:
        """Return the requests of an installation."""
        return cls(lambda: context.database, context.journal, partial(copied.find_journal, context))

    def leave(self, leaving: Leaving) -> bool:
        """End a subscription or store the request in the journal; return False if there is none.

        Raises:
            StoreError: neither the database nor the journal can be written.
        """
        journal = self._journal
        if time.monotonic() >= self._paused_until:
            try:
                other = self._find_journal()
                if other is None:
                    return self._apply(leaving)
                journal = other
                _log.warning("unsubscribe requests are kept in the journal: a copied database")
            except StoreError as error:
                self._paused_until = time.monotonic() + _PAUSE_S
                _log.warning("unsubscribe requests are kept in the journal for now: %s", error)
        try:
            journal.append(leaving)
        except OSError as error:
            raise StoreError(
                f"the journal of unsubscribe requests cannot be written: {error};"
                " check the disk and the folder's permissions"
            ) from error
        return True

    def take(self) -> int:
        """Apply the requests of the journal; return their number, 0 if this fails.

        They wait while the database was put back or copied.
        """
        try:
            return 0 if self._find_journal() else self.take_all()
        except StoreError as error:
            # The journal keeps all of them for the next try.
            _log.warning("unsubscribe requests stay in the journal for now: %s", error)
            return 0

    def take_all(self) -> int:
        """Apply the requests of the journal; return their number.

        Cheap if there are none, so that a send can do it before each claim.

        Raises:
            StoreError: a request could not be applied; the journal keeps all of them.
        """
        try:
            return self._journal.replay(self._apply)
        except OSError as error:
            raise disk_fault("the journal of unsubscribe requests", error) from error

    def _apply(self, leaving: Leaving) -> bool:
        with self._database().write() as connection:
            person = find_public_id(connection, leaving.link.public_id)
            if person is None:
                return False
            if not find_subscription(connection, person.id, leaving.link.newsletter):
                return False
            for newsletter in _left_newsletters(connection, person, leaving):
                if leave(connection, person.id, newsletter, how=leaving.how, now=leaving.at):
                    record_choice(connection, "leave", newsletter, leaving.how, now=leaving.at)
                    kind = EventKind.SUBSCRIBER_LEFT
                    add_subscriber_event(
                        connection, kind, newsletter, (person.id,), how=leaving.how
                    )
        return True


def record_choice(
    connection: Connection, action: str, newsletter: str, detail: str, *, now: datetime
) -> None:
    """Store the audit row of a subscriber's own choice, in the transaction of the choice."""
    add_entry(
        connection,
        AuditEntry(
            at=now, actor=SUBSCRIBER.name, action=action, newsletter=newsletter, detail=detail
        ),
    )


def _left_newsletters(connection: Connection, person: Person, leaving: Leaving) -> tuple[str, ...]:
    if not leaving.is_all:
        return (leaving.link.newsletter,)
    return tuple(each.newsletter for each in list_subscriptions(connection, person.id))
