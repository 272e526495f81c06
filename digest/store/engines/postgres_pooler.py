"""Recognizes a pooler that gives a session's statements to different sessions of the server.

In transaction mode the server's session changes between two transactions, and two clients may use
one. Then a lock of a session is held by nobody, or by two: workers would be taken for dead, and
mails could be sent twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: The process of the server that answers.
_BACKEND = "SELECT pg_backend_pid()"


def is_pooled(driver: Any) -> bool:
    """Return whether another program answers in place of the server.

    A pooler invents the process number that it sends when a session begins.
    """
    return bool(_ask(driver) != driver.info.backend_pid)


def shares_sessions(driver: Any, connect: Callable[[], Any]) -> bool:
    """Return whether a session of the server is not kept for one client alone.

    A pooler gives a free session to the next transaction. So while a second client holds a
    transaction, it has the first one's session, or the first one gets another.

    Args:
        driver: a connection through the pooler, in autocommit mode.
        connect: opens a second one, which is closed here.
    """
    from psycopg.errors import ProtocolViolation  # an extra

    first = _ask(driver)
    with connect() as other:
        if _ask(other) == first:
            return True
        try:
            with other.transaction():
                return _ask(other) == first or _ask(driver) != first
        except ProtocolViolation:  # in statement mode there are no transactions
            return True


def _ask(driver: Any) -> int:
    # Prepared statements are what such poolers often cannot do.
    return int(driver.execute(_BACKEND, prepare=False).fetchone()[0])
