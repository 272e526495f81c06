"""What an engine does in its own way; `digest.store.engine.Database` is written over this."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine

from digest.errors import StoreError


class Backend(Protocol):
    """One engine over one database."""

    @property
    def name(self) -> str:
        """The database as messages name it, without a password."""

    @property
    def engine(self) -> Engine:
        """Connections to it; none is opened before the first is needed."""

    @property
    def leavings(self) -> Path:
        """The file that keeps who left while the database could not be written."""

    def begin_read(self, connection: Connection) -> None:
        """Begin a transaction whose reads see one state of the database."""

    def begin_write(self, connection: Connection) -> None:
        """Begin a transaction beside which no other one writes."""

    def begin_marks(self, connection: Connection) -> None:
        """Begin a transaction beside which only others of its kind write."""

    def exists(self) -> bool:
        """Return whether the database holds anything of ours."""

    def prepare(self) -> None:
        """Make room for a database that is about to be created.

        Raises:
            StoreError: there is none to be had.
        """

    def refresh_statistics(self) -> None:
        """Let the engine look at the tables of a send, which a freeze has just filled."""

    def worker(self) -> AbstractContextManager[str]:
        """Return a context in which this process is a worker; gives the worker's random name.

        The worker's lock ends with its process, however that ends.
        """

    def dead_workers(self, connection: Connection, names: Iterable[str]) -> frozenset[str]:
        """Return those of `names` whose lock no process holds."""

    def take_turn(self, name: str) -> AbstractContextManager[bool]:
        """Return a context that has the turn of that name; gives false if another process has it.

        The turn ends with the process, however that ends.
        """

    def backup(self, target: Path) -> None:
        """Write a consistent copy into a file that does not exist yet, while others work on."""

    def translate(self, error: Exception) -> StoreError:
        """Return our error for one of the driver: one line, what it is and what to do."""
