"""Opens the database of the configuration."""

from __future__ import annotations

from contextlib import closing

from digest.config import Config
from digest.errors import ConfigError, UsageError
from digest.newsroom.changes import mark_told
from digest.store.engine import BUSY_TIMEOUT_S, Database
from digest.store.schema import open_checked, open_existing
from subscribers.leavings import LeaveJournal


def open_database(config: Config, *, patience_s: float) -> Database:
    """Open the configured database.

    Args:
        config: the whole configuration.
        patience_s: the seconds that a write waits for another writer.

    Raises:
        StoreError: the database does not exist or is not available, or its schema is not this
            program's.
    """
    return open_existing(config.database.url, state=config.state.folder, busy_timeout_s=patience_s)


def create_database(config: Config) -> str:
    """Create the configured database if it does not exist; return its name, for messages.

    Raises:
        StoreError: the database cannot be created, or its schema is not this program's.
    """
    with closing(unopened_database(config)) as found:
        is_new = not found.exists()
    database = open_checked(config.database.url, state=config.state.folder)
    if is_new:
        mark_told(database)
    database.close()
    return database.name


def unopened_database(config: Config, *, patience_s: float = BUSY_TIMEOUT_S) -> Database:
    """Return the configured database, neither opened nor checked.

    The arguments are those of `open_database`.

    Raises:
        ConfigError: the address cannot be used, or its driver is not installed.
    """
    return Database(config.database.url, state=config.state.folder, busy_timeout_s=patience_s)


def other_database(config: Config, url: str) -> Database:
    """Return a database that is not the configured one, neither opened nor checked.

    Raises:
        UsageError: the address cannot be used, or its driver is not installed.
    """
    try:
        return Database(url, state=config.state.folder)
    except ConfigError as error:
        raise UsageError(str(error).replace("database.url", "URL")) from error


def journal_of(config: Config) -> LeaveJournal:
    """Return the journal of leavings, even if the database cannot be opened."""
    return LeaveJournal(unopened_database(config).leavings)
