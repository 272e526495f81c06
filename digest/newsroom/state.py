"""Checks that the database is the one that sent the last mail, and keeps the state file.

A database that was put back or copied does not know the latest mails, and would send them again.
The state file does not go back with it: its epoch and its count of mails show the difference.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from digest.errors import DigestError, Refused, ReplacedStoreError, StoreError
from digest.models import LastSlot
from digest.newsroom.context import RunContext
from digest.store.copying import why_not_to_send
from digest.store.engine import Database
from digest.store.epoch import Epoch, Origin, read_epoch, start_epoch
from digest.store.handed import last_slots, total_handed
from digest.store.revision import check_revision
from digest.store.statefile import State, locked, read_state, write_state
from digest.text.counted import counted

#: Seconds between two writes of the state file during a send; with the write itself, at most 1.
_EVERY_S = 0.8

_log = logging.getLogger(__name__)


def check_state(context: RunContext) -> str:
    """Check that this database may send, and write the state file if it is behind.

    Returns:
        A line for the operator if the file was of another database; else empty.

    Raises:
        Refused: the database was put back or copied; `digest restore --adopt` lifts the refusal.
        StoreError: the state file cannot be read or written.
    """
    database, path = context.database, context.database.state_file
    with locked(path):
        _refuse_copies(database)
        epoch, found = read_database(database)
        known = read_state(path)
        reason = why_not_ours(epoch, found, known)
        if reason:
            raise Refused(
                f"database {database.name}: {reason}; if it should send from now on, run `digest"
                " restore --adopt --seen now|keep`"
            )
        if known is not None and known.epoch == epoch.name:
            found = with_slots_of(found, known)
        if found != known:
            write_state(path, found, now=context.clock())
    if known is None or known.epoch == epoch.name:
        return ""
    return f"state file {path}: was of another database; replaced, because this one is new"


def _refuse_copies(database: Database) -> None:
    with database.read() as connection:
        reason = why_not_to_send(connection)
    if reason:
        raise Refused(f"database {database.name}: {reason}")


def join_state(context: RunContext) -> str:
    """Write the state file of a machine that joins a running installation, if it has none.

    Returns:
        A line for the operator; empty if there was a file, which `check_state` judges.

    Raises:
        Refused: the database was restored, and nobody has adopted it since.
        StoreError: the file cannot be written.
    """
    database, path = context.database, context.database.state_file
    with locked(path):
        if read_state(path) is not None:
            return ""
        epoch, found = read_database(database)
        if epoch.origin is Origin.RESTORED:
            raise Refused(
                f"database {database.name}: `digest restore` wrote it; run `digest restore --adopt"
                " --seen now|keep` before a machine joins it"
            )
        write_state(path, found, now=context.clock())
    return f"state file {path}: written; this machine has joined {database.name}"


def why_not_ours(epoch: Epoch, found: State, known: State | None) -> str:
    """Return why a database may not send; empty if it may.

    Args:
        epoch: the database's epoch.
        found: the database's state.
        known: the content of the state file; None if there is none.
    """
    if known is None:
        if epoch.origin is Origin.RESTORED:
            return "`digest restore` wrote it, and it has no state file here"
        is_new = not found.handed_over
        return "" if is_new else "it has sent mails, but has no state file here (moved or copied?)"
    if known.epoch != epoch.name:
        is_new = not found.handed_over and epoch.origin is Origin.CREATED
        return "" if is_new else "the state file is of another database (restored or copied?)"
    if found.handed_over < known.handed_over:
        return (
            f"it knows of {counted(found.handed_over, 'mail')} handed over, the state file of"
            f" {known.handed_over} (an older copy was put back?)"
        )
    return ""


def with_slots_of(found: State, known: State) -> State:
    """Return a database's state with the slots of a state file that are later."""
    latest = {(each.newsletter, each.cadence): each for each in found.last_slots}
    for each in known.last_slots:
        name = (each.newsletter, each.cadence)
        latest[name] = max(latest.get(name, each), each, key=_due_at)
    slots = tuple(latest[name] for name in sorted(latest))
    return State(epoch=found.epoch, handed_over=found.handed_over, last_slots=slots)


def write_first_state(database: Database, *, now: datetime) -> None:
    """Write the state file of a database that just got its epoch, if there is no file yet.

    Raises:
        StoreError: the file cannot be written.
    """
    with locked(database.state_file):
        if read_state(database.state_file) is None:
            write_state(database.state_file, read_database(database)[1], now=now)


@asynccontextmanager
async def kept_state(context: RunContext) -> AsyncIterator[None]:
    """Keep the state file at most a second behind the database while the block sends.

    If the database turns out to be another one meanwhile, the block is cancelled.

    Raises:
        Refused: the database was put back or copied.
        StoreError: the state file cannot be written; nothing was sent.
    """
    await asyncio.to_thread(check_state, context)
    failure: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(_keep(context))
            try:
                yield
            finally:
                keeper.cancel()
    except BaseExceptionGroup as failures:
        # A refusal comes before what the block raised when it was cancelled.
        refused, others = failures.split(Refused)
        failure = (refused or others or failures).exceptions[0]
    finally:
        await asyncio.shield(asyncio.to_thread(_try, context))
    if failure is not None:
        raise failure


async def _keep(context: RunContext) -> None:
    while True:
        await asyncio.sleep(_EVERY_S)
        await asyncio.to_thread(_keep_once, context)


def _keep_once(context: RunContext) -> None:
    """Write the state file once.

    Raises:
        Refused: the database was put back or copied, so that the send must stop.
        ReplacedStoreError: its file was replaced; the send must stop too.
    """
    try:
        check_state(context)
    except ReplacedStoreError:
        raise
    except StoreError as error:
        # The next write is soon; the ledger, not this file, decides what may be sent.
        _log.error("the state file is behind: %s", error)


def _try(context: RunContext) -> None:
    # The mails are out; the next send starts with the same check and does not pass over a fault.
    try:
        check_state(context)
    except DigestError as error:
        _log.error("the state file is behind: %s", error)


def read_database(database: Database) -> tuple[Epoch, State]:
    """Return the database's epoch, and the state that its file should have."""
    with database.read() as connection:
        check_revision(connection, database.name)
        epoch = read_epoch(connection)
        handed_over = total_handed(connection)
        slots = sorted(last_slots(connection), key=lambda each: (each.newsletter, each.cadence))
    if epoch is None:
        with database.write() as connection:
            start_epoch(connection, Origin.CREATED)
        return read_database(database)
    return epoch, State(epoch=epoch.name, handed_over=handed_over, last_slots=tuple(slots))


def _due_at(slot: LastSlot) -> datetime:
    return slot.due_at
