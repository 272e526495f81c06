"""Checks whether the database can be written."""

from __future__ import annotations

from digest.newsroom.context import RunContext
from digest.store import schema


def check_writable(context: RunContext) -> None:
    """Check that the database can be written, by a write that changes nothing.

    Raises:
        StoreError: the database is locked, read-only or on a full disk.
    """
    schema.check_writable(context.database)
