"""Whether the database may act for subscribers, as the public pages ask before each change.

A database that was put back or copied must not take sign-ups and choices: the database that sends
would not know them. Who leaves is kept in a journal, which the next database that may send applies.
"""

from __future__ import annotations

from contextlib import closing

from digest.errors import Refused, StoreError
from digest.newsroom.context import RunContext
from digest.newsroom.state import read_database, why_not_ours
from digest.store.copying import MOVED, read_mark, why_not_to_send
from digest.store.epoch import Origin
from digest.store.statefile import read_state
from subscribers.leavings import LeaveJournal


def why_a_copy(context: RunContext) -> str:
    """Return why the database must not act for subscribers; empty if it may. Changes no file.

    A server's database without a state file is not refused, because this machine may only serve
    the pages of an installation that others send for.

    Raises:
        StoreError: the database or the state file cannot be read.
    """
    database = context.database
    with database.read() as connection:
        if reason := why_not_to_send(connection):
            return f"database {database.name}: {reason}"
    # The file first: it never leads, so a send between the two reads does no harm.
    try:
        known = read_state(database.state_file)
    except Refused as error:
        return str(error)
    epoch, found = read_database(database)
    if known is None and not database.is_file and epoch.origin is not Origin.RESTORED:
        return ""
    reason = why_not_ours(epoch, found, known)
    return f"database {database.name}: {reason}; see `digest restore --adopt`" if reason else ""


def refuse_changes(context: RunContext) -> None:
    """Check that the pages may store what subscribers choose.

    Raises:
        StoreError: the database was put back or copied, or cannot be read.
    """
    if reason := why_a_copy(context):
        raise StoreError(reason)


def find_journal(context: RunContext) -> LeaveJournal | None:
    """Return the journal that keeps who leaves; None if the database may be changed itself.

    It is the journal of the database that this one was copied to, if that is known.

    Raises:
        StoreError: the database or the state file cannot be read.
    """
    if not why_a_copy(context):
        return None
    with context.database.read() as connection:
        target = read_mark(connection, MOVED)
    if target is None:
        return context.journal
    url = target if target.startswith("postgresql:") else f"sqlite:///{target}"
    with closing(context.other_database(url)) as moved:
        return LeaveJournal(moved.leavings)
