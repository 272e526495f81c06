"""Upgrades the database to this program's schema."""

from __future__ import annotations

from dataclasses import dataclass

from digest.errors import Refused
from digest.models import Actor
from digest.newsroom.audit import record
from digest.newsroom.changes import mark_told
from digest.newsroom.context import RunContext
from digest.newsroom.state import write_first_state
from digest.newsroom.void_approvals import find_void_approvals
from digest.store.engine import Database
from digest.store.epoch import has_epoch
from digest.store.migrate import upgrade as upgrade_schema
from digest.store.revision import REVISION, revision_of
from digest.store.statefile import check_state_folder
from digest.store.workers import editions_being_sent


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaUpgrade:
    """The result of a schema upgrade."""

    #: Name of the database, for messages.
    database: str
    #: Schema version before; empty if the database had none.
    before: str
    #: Schema version now.
    now: str
    #: Approved editions that must be approved again, with the reason, one line each.
    void_approvals: tuple[str, ...] = ()


def upgrade(context: RunContext, *, by: Actor) -> SchemaUpgrade:
    """Upgrade the database to this program's schema; there are no downgrades.

    Raises:
        Refused: an edition is being sent; a migration may keep its mails in hand waiting.
        SchemaError: the schema is newer than this program.
        StoreError: the database or the folder of the state file cannot be written.
    """
    database = context.unopened_database()
    # A database that gets its epoch now is the one that this machine uses: later, nothing shows it.
    exists = database.exists()
    is_known = not exists or has_epoch(database)
    if exists:
        _refuse_during_send(database)
    if not is_known:
        check_state_folder(database.state_file)
    before = upgrade_schema(database)
    if not before:
        mark_told(database)
    if not is_known:
        write_first_state(database, now=context.clock())
    if before != REVISION:
        # After the migrations, which have their own transaction and create the audit table.
        with database.write() as connection:
            detail = f"schema {before or 'none'} to {REVISION}"
            record(context, connection, by, "upgrade database", detail=detail)
    return SchemaUpgrade(
        database=database.name,
        before=before,
        now=REVISION,
        void_approvals=find_void_approvals(context, database) if before else (),
    )


def _refuse_during_send(database: Database) -> None:
    with database.read() as connection:
        if revision_of(connection) == REVISION:
            return
    if editions := editions_being_sent(database):
        named = ", ".join(map(str, editions))
        raise Refused(
            f"database {database.name}: edition {named} is being sent; stop `digest run`, `send`"
            " and `worker` on every machine, then run this again; their restart sends the rest"
        )
