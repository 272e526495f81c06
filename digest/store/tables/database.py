"""The tables of the database itself."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from digest.store.tables.base import metadata

#: Data about the database itself, such as the time of the last purge.
meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

#: Row `posts` has the last used `seq`. It is updated inside the intake transaction, so that
#: numbers become visible in order also on engines with concurrent writers.
counters = Table(
    "counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Integer, nullable=False),
)
