"""The interface of an engine, on which `digest.store.engine.Database` is built."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from digest.errors import StoreError
from digest.store.engines.restoration import Restoration
from digest.store.kept import Pipeline


class Backend(Protocol):
    """One engine with one database."""

    @property
    def name(self) -> str:
        """The database's name in messages, without a password."""

    @property
    def server_address(self) -> str:
        """The address of the server as libpq reads it, with its password; empty for a file."""

    @property
    def engine(self) -> Engine:
        """The connection pool; no connection is opened before it is needed."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the database on this machine, which exist or not."""

    @property
    def leavings(self) -> Path:
        """The file of unsubscribes received while the database could not be written."""

    def begin_read(self, connection: Connection) -> None:
        """Begin a transaction whose reads all see the same state of the database."""

    def begin_write(self, connection: Connection) -> None:
        """Begin a transaction during which no other one writes."""

    def begin_marks(self, driver: Any) -> None:
        """Begin a transaction of the driver's connection, during which only others of it write."""

    @property
    def begin_marks_at_once(self) -> Callable[[Any], bool] | None:
        """Begins the same without a wait, or returns False; None if it waits for a server."""

    @property
    def open_pipeline(self) -> Callable[[Any], Pipeline] | None:
        """Opens the way by which whole transactions of marks travel to a server; None without."""

    def for_marks(self, driver: Any) -> AbstractContextManager[None]:
        """Return a context in which a connection of the driver only serves marks."""

    def exists(self) -> bool:
        """Return whether the database has tables of this program."""

    def prepare(self) -> None:
        """Prepare the place for a database that is about to be created.

        Raises:
            StoreError: the folder cannot be created.
        """

    def other_users(self) -> str:
        """Return how many other connections use the database, in words; empty if none does."""

    def check_sound(self) -> None:
        """Check the structure of the database, as far as the engine does not do so itself.

        Raises:
            CorruptStoreError: it is damaged.
        """

    def refresh_statistics(self) -> None:
        """Update the statistics of the tables of a send, which a freeze has just filled."""

    def worker(self) -> AbstractContextManager[str]:
        """Return a context in which this process is a worker; its value is the worker's name.

        The worker's lock is released when its process ends, also by a crash.
        """

    def hold_worker(self, name: str) -> None:
        """Take the lock of this process' worker again, if the server released it."""

    def dead_workers(self, connection: Connection, names: Iterable[str]) -> frozenset[str]:
        """Return the names whose lock no process holds."""

    def crashed_workers(self, connection: Connection, dead: Collection[str]) -> frozenset[str]:
        """Return those of dead workers whose process ended, not only its connection."""

    def take_turn(self, name: str) -> AbstractContextManager[bool]:
        """Return a context that takes the turn; its value is False if another process has it.

        The turn is released when the process ends, also by a crash.
        """

    def backup(self, target: Path, *, tables: Collection[str]) -> dict[str, int]:
        """Write a consistent copy into a new file; other processes can go on working.

        Args:
            target: the file.
            tables: the names of the tables to copy; empty: all.

        Returns:
            The rows of the key tables in the copied state.
        """

    def restore(self, copy: Path, kept: Path, restoration: Restoration) -> None:
        """Put a copy in the place of the database, which is kept in a new file `kept`.

        If the process is killed, the old database or the new one is there.

        Raises:
            Refused: a process is using the database.
        """

    def translate(self, error: Exception) -> StoreError:
        """Return the `StoreError` for a driver's error: one line, the cause and what to do."""
