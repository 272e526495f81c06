"""Advisory locks that a session holds, and that are taken again after the server ended the session.

The server releases a lock when its session ends. So a restart of the server releases the locks of
workers that go on.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from hashlib import sha256

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

_TRY = text("SELECT pg_try_advisory_lock(:key)")
_RELEASE = text("SELECT pg_advisory_unlock_all()")
_LOOK = text("SELECT 1")


class SessionLock:
    """One lock with a session of its own; threads may share it."""

    def __init__(self, sessions: Engine, name: str) -> None:
        """Open nothing yet.

        Args:
            sessions: opens a new connection each time.
            name: what is locked.
        """
        self._sessions = sessions
        self._key = lock_key(name)
        self._turn = threading.Lock()
        self._connection: Connection | None = None
        self._is_released = False

    def take(self) -> bool:
        """Take the lock if it is free; return whether it was.

        Raises:
            SQLAlchemyError: the server cannot be reached.
        """
        connection = self._sessions.connect()
        try:
            is_ours = bool(connection.execute(_TRY, {"key": self._key}).scalar_one())
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return is_ours

    def hold(self) -> bool:
        """Take the lock again if the session has ended; return whether that was done now.

        If the server does not know yet that the old session has ended, the lock is not free; the
        next call tries again.

        Raises:
            SQLAlchemyError: the server cannot be reached.
        """
        with self._turn:
            if self._is_released:
                return False
            if self._connection is not None:
                try:
                    self._connection.execute(_LOOK)
                except SQLAlchemyError:
                    self._close(self._connection)
                else:
                    return False
            is_ours = self.take()
            if not is_ours and self._connection is not None:
                self._close(self._connection)
            return is_ours

    def release(self) -> None:
        """Release the lock and close the session."""
        with self._turn:
            self._is_released = True
            if self._connection is not None:
                # The server ends a closed session a moment later; the lock is to be free at once.
                with suppress(SQLAlchemyError):
                    self._connection.execute(_RELEASE)
                self._close(self._connection)

    def _close(self, connection: Connection) -> None:
        self._connection = None
        with suppress(SQLAlchemyError):
            connection.close()


def lock_key(name: str) -> int:
    """Return the number of an advisory lock of this program."""
    return int.from_bytes(sha256(f"digest: {name}".encode()).digest()[:8], signed=True)
