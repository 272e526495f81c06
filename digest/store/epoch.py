"""The database's epoch: a random name by which a state file knows its database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, delete, select, update

from digest.store.dialect import insert_for
from digest.store.engine import Database
from digest.store.tables import meta

_EPOCH, _ORIGIN = "epoch", "origin"


class Origin(StrEnum):
    """The origin of a database's epoch."""

    #: It was new and empty.
    CREATED = "created"
    #: It is older than epochs.
    UPGRADED = "upgraded"
    #: `digest restore` put a copy in the place of another database.
    RESTORED = "restored"
    #: It was restored, and `digest restore --adopt` has made it safe to send from.
    ADOPTED = "adopted"
    #: All its rows are those of another, which does not send any more.
    COPIED = "copied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """The epoch of a database."""

    name: str
    origin: Origin


def read_epoch(connection: Connection) -> Epoch | None:
    """Return the database's epoch; None if it has none yet."""
    query = select(meta.c.name, meta.c.value).where(meta.c.name.in_((_EPOCH, _ORIGIN)))
    found = {row.name: row.value for row in connection.execute(query)}
    if _EPOCH not in found:
        return None
    return Epoch(name=found[_EPOCH], origin=Origin(found[_ORIGIN]))


def start_epoch(connection: Connection, origin: Origin) -> None:
    """Store an epoch in the database, if it has none."""
    if read_epoch(connection) is None:
        _add(connection, origin)


def renew_epoch(connection: Connection, origin: Origin) -> None:
    """Give the database another epoch, which no state file knows."""
    connection.execute(delete(meta).where(meta.c.name.in_((_EPOCH, _ORIGIN))))
    _add(connection, origin)


def accept_restored(connection: Connection) -> None:
    """Store that a restored database was made safe to send from."""
    connection.execute(
        update(meta)
        .where(meta.c.name == _ORIGIN, meta.c.value == Origin.RESTORED)
        .values(value=Origin.ADOPTED)
    )


def _add(connection: Connection, origin: Origin) -> None:
    values = [
        {"name": _EPOCH, "value": secrets.token_hex(16)},
        {"name": _ORIGIN, "value": origin},
    ]
    connection.execute(insert_for(connection, meta).on_conflict_do_nothing(), values)


def has_epoch(database: Database) -> bool:
    """Return whether a database of any schema, or of none, has an epoch."""
    with database.read() as connection:
        return connection.dialect.has_table(connection, "meta") and (
            read_epoch(connection) is not None
        )
