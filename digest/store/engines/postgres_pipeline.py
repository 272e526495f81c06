"""Transactions that travel to PostgreSQL in one piece; the event loop waits for their answers.

A thread that waits costs more than the server's work for a group of marks: psycopg's own pipeline
takes half a millisecond of Python for each. So these few statements are given to libpq itself
(https://www.postgresql.org/docs/current/libpq-pipeline-mode.html).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection, OperationalError, errors
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from digest.store.kept import Done

_PARAMETER = re.compile(r"%\((\w+)\)s")


class PostgresPipeline:
    """One connection; between two transactions psycopg can use it, too.

    Its prepared statements stay, so it is to be closed and not to go back to a pool.
    """

    def __init__(self, driver: Connection[Any], *, first: str) -> None:
        """Take a connection without an open transaction, which nobody else uses meanwhile.

        Args:
            driver: the connection.
            first: the statement, without parameters, that begins each transaction.
        """
        self._libpq = driver.pgconn
        #: libpq closes its socket itself, and does not know it any more then.
        self._socket = self._libpq.socket
        self._first = first
        self._loop = asyncio.get_running_loop()
        #: The names of prepared statements, and of their parameters in order, by text.
        self._prepared: dict[str, tuple[bytes, tuple[str, ...]]] = {}
        self._rows: Sequence[int] = ()
        self._error: Exception | None = None
        self._done: Done | None = None

    def send(self, statement: str, values: Mapping[str, Any], done: Done) -> None:
        """Send a statement as one transaction; `done` is called when it is committed or failed.

        Raises:
            psycopg.Error: the connection is lost; it is not known whether the server got them.
        """
        self._rows, self._error, self._done = (), None, done
        libpq = self._libpq
        libpq.enter_pipeline_mode()
        for sql in (self._first, statement):
            name, names = self._prepared.get(sql) or self._prepare(sql)
            libpq.send_query_prepared(name, [_encoded(values[each]) for each in names])
        libpq.pipeline_sync()
        self._loop.add_reader(self._socket, self._read)
        self._flush()

    def close(self) -> None:
        """Wait for no answer any more; from another thread, only if none is awaited."""
        if self._done is not None:
            self._done = None
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)

    # --- inside -----------------------------------------------------------------------------------

    def _prepare(self, sql: str) -> tuple[bytes, tuple[str, ...]]:
        names = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
        numbered = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql)
        made = self._prepared[sql] = (b"digest_%d" % len(self._prepared), names)
        self._libpq.send_prepare(made[0], numbered.replace("%%", "%").encode())
        return made

    def _flush(self) -> None:
        """Send what libpq still holds, which is rare: the socket's buffer takes all of a group."""
        self._loop.remove_writer(self._socket)
        if self._libpq.flush():
            self._loop.add_writer(self._socket, self._guarded, self._flush)

    def _read(self) -> None:
        self._guarded(self._read_results)

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # whatever it is, somebody waits for it
            self._end(error)

    def _read_results(self) -> None:
        self._libpq.consume_input()
        while not self._libpq.is_busy():
            result = self._libpq.get_result()
            if result is None:  # after the last result of each statement
                if self._libpq.status == ConnStatus.BAD:
                    raise OperationalError("the connection was lost")
                continue
            if result.status == ExecStatus.PIPELINE_SYNC:
                self._libpq.exit_pipeline_mode()
                self._end(self._error)
                return
            self._take(result)

    def _take(self, result: PGresult) -> None:
        if result.status == ExecStatus.TUPLES_OK:
            self._rows = [int(result.get_value(row, 0) or 0) for row in range(result.ntuples)]
        elif result.status == ExecStatus.FATAL_ERROR:
            self._error = self._error or errors.error_from_result(result)

    def _end(self, error: Exception | None) -> None:
        done, rows = self._done, self._rows
        self.close()
        if done is not None:
            done(rows, error)


def _encoded(value: Any) -> bytes | None:
    if value is None:
        return None
    return (value.isoformat() if isinstance(value, datetime) else str(value)).encode()
