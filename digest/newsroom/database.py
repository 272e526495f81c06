"""The database itself: whether it can be written, and its schema."""

from __future__ import annotations

from digest.newsroom.context import RunContext
from digest.store import schema


def check_writable(context: RunContext) -> None:
    """Try a write that changes nothing.

    Raises:
        StoreError: the database is locked, read-only or on a full disk.
    """
    schema.check_writable(context.database)
