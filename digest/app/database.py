"""From the configuration to the database."""

from __future__ import annotations

from pathlib import Path

from digest.config import Config
from digest.store.engine import Database
from digest.store.locks import workers_folder
from digest.store.schema import open_checked
from subscribers.leavings import LeaveJournal, journal_path


def open_database(config: Config, *, patience_s: float) -> Database:
    """Open the configured database; a new, empty one gets this program's schema.

    Args:
        config: the whole.
        patience_s: how long a write waits for another writer.

    Raises:
        StoreError: it cannot serve, or its schema is not this program's.
    """
    return open_checked(config.database.url, busy_timeout_s=patience_s)


def unopened_database(config: Config, *, patience_s: float) -> Database:
    """Return the configured database, neither opened nor checked; arguments as `open_database`."""
    return Database(config.database.url, busy_timeout_s=patience_s)


def locks_of(database: Database) -> Path:
    """Return the folder in which processes agree whose turn it is."""
    return workers_folder(database.path)


def journal_of(config: Config) -> LeaveJournal:
    """Return the journal of leavings, also if the database cannot be opened."""
    return LeaveJournal(journal_path(Database(config.database.url).path))
