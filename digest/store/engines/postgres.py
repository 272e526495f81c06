"""PostgreSQL 14 or newer: the same guarantees as on SQLite, by advisory locks.

`begin_write` holds one advisory lock during its transaction, so that writers run one after another
as on SQLite; transactions of marks share this lock with each other. Each statement after the lock
sees everything committed before it (READ COMMITTED), so data that a writer has read does not change
until it ends. Workers and turns are advisory locks of a session: the server releases them when the
connection ends.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from digest.errors import ConfigError, DatabaseRefused, Refused, StoreError
from digest.store.engines import postgres_dump, postgres_load, postgres_pooler
from digest.store.engines.postgres_errors import translate
from digest.store.engines.postgres_locks import SessionLock, lock_key
from digest.store.engines.restoration import Restoration, count_rows, in_use
from digest.store.kept import Pipeline
from digest.text.counted import counted

#: After a minute the server ends the session of a machine that vanished, and releases its locks.
_SERVER_SIDE = {
    "tcp_keepalives_idle": "30s",
    "tcp_keepalives_interval": "10s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "60s",
}
#: Limits that a server or a role has for other programs, and the first version that knows each. A
#: freeze takes as long as its list is long; a backup holds a transaction while `pg_dump` runs.
_NO_LIMITS = {
    "statement_timeout": 0,
    "idle_in_transaction_session_timeout": 0,
    "idle_session_timeout": 0,
    "transaction_timeout": 17,
}
#: Fewer seconds would lose connections to short disturbances of a network.
_LEAST_PATIENCE_S = 6
#: Seconds after a start of the server in which workers that go on take their locks again.
_RETAKEN_S = 5
#: For how long a connection that was closed may still be counted, in seconds.
_CLOSING_S = 1.0
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name LIKE 'digest%' AND pid <> pg_backend_pid()"
)
_HELD = text(
    "SELECT classid::bigint, objid::bigint FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
#: Workers that the server's last start has cut off and that take their locks again about now.
_CUT_OFF = text(
    "SELECT name FROM workers WHERE started_at < pg_postmaster_start_time()"
    " AND pg_postmaster_start_time() > now() - make_interval(secs => :seconds)"
)

_OLDER = text("SELECT name FROM workers WHERE started_at < pg_postmaster_start_time()")

_log = logging.getLogger(__name__)


class PostgresBackend:
    """One database on a server."""

    #: Every statement waits for the server.
    begin_marks_at_once = None

    def __init__(self, url: URL, *, state: Path, busy_timeout_s: float) -> None:
        """Prepare the engine; open no connection yet.

        Raises:
            ConfigError: psycopg is not installed.
        """
        _require_psycopg()
        self._url = _impatient(url, busy_timeout_s).set(drivername="postgresql+psycopg")
        self.server_address = self._url.set(drivername="postgresql").render_as_string(
            hide_password=False
        )
        self._busy_timeout_s = busy_timeout_s
        # Without the query because it may contain a password too.
        self.name = URL.create(
            "postgresql", url.username, host=url.host, port=url.port, database=url.database
        ).render_as_string()
        self.files: tuple[Path, ...] = ()
        self.leavings = state / f"{(url.database or '').replace('/', '_')}.leavings"
        self.engine = self._create_engine(pool_pre_ping=True, pool_timeout=busy_timeout_s)
        # A lock belongs to a connection, which is opened for the lock and closed with it.
        self._sessions = self._create_engine(poolclass=NullPool, pool_reset_on_return=None)
        #: Whether the way to the server was looked at.
        self._is_known_way = False
        #: The locks of this process' workers, by name.
        self._workers: dict[str, SessionLock] = {}

    # --- transactions -----------------------------------------------------------------------------

    def begin_read(self, connection: Connection) -> None:
        """Begin a transaction whose reads all see the same state of the database."""
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def begin_write(self, connection: Connection) -> None:
        """Begin a transaction during which no other one writes."""
        connection.exec_driver_sql(f"BEGIN; SELECT pg_advisory_xact_lock({_WRITERS})")

    def begin_marks(self, driver: Any) -> None:
        """Begin a transaction that can run together with other marks, not with `begin_write`."""
        driver.execute(f"BEGIN; SELECT pg_advisory_xact_lock_shared({_WRITERS})")

    def open_pipeline(self, driver: Any) -> Pipeline:
        """Return the way by which whole transactions of marks travel."""
        from digest.store.engines.postgres_pipeline import PostgresPipeline

        return PostgresPipeline(driver, first=_SHARED_AND_PLANNED)

    def for_marks(self, driver: Any) -> AbstractContextManager[None]:  # noqa: ARG002 - the server has the cache
        """Return a context that does nothing."""
        return nullcontext()

    # --- the database -----------------------------------------------------------------------------

    def exists(self) -> bool:
        """Return whether the database has a schema of this program.

        Raises:
            DatabaseRefused: the database does not exist, or the server refused the login.
        """
        with self.engine.connect() as connection:
            return connection.dialect.has_table(connection, "alembic_version")

    def prepare(self) -> None:
        """Do nothing: the server's administrator creates the database."""

    def other_users(self) -> str:
        """Return how many other sessions of this program there are, in words."""
        with self.engine.connect() as connection:
            number = connection.execute(_OTHERS).scalar_one()
        return f"sessions: {number}" if number else ""

    def check_sound(self) -> None:
        """Do nothing: the server reports a page that it cannot read."""

    def refresh_statistics(self) -> None:
        """Analyse the tables of a send.

        The server would do so only a minute later; until then a mark takes four times as long.
        """
        with self.engine.connect() as connection:
            connection.exec_driver_sql(
                "ANALYZE deliveries, editions, people, subscriptions, variants"
            )

    # --- workers and turns ------------------------------------------------------------------------

    @contextmanager
    def worker(self) -> Iterator[str]:
        """Hold an advisory lock under a random name."""
        name = secrets.token_hex(16)
        lock = SessionLock(self._sessions, f"worker {name}")
        with self._held(lock):
            self._workers[name] = lock
            try:
                yield name
            finally:
                del self._workers[name]

    def hold_worker(self, name: str) -> None:
        """Take a worker's lock again if the server has ended its session."""
        if lock := self._workers.get(name):
            try:
                if lock.hold():
                    _log.warning("the server ended a session: worker %s took its lock again", name)
            except SQLAlchemyError as error:
                raise self.translate(error) from error

    def dead_workers(self, connection: Connection, names: Iterable[str]) -> frozenset[str]:
        """Return the names whose lock no session holds, but for those just cut off."""
        held = {tuple(row) for row in connection.execute(_HELD)}
        dead = [name for name in names if _halves(lock_key(f"worker {name}")) not in held]
        return frozenset(dead).difference(
            connection.execute(_CUT_OFF, {"seconds": _RETAKEN_S}).scalars() if dead else ()
        )

    def crashed_workers(self, connection: Connection, dead: Collection[str]) -> frozenset[str]:
        """Return those of dead workers that no restart of the server has cut off."""
        return frozenset(dead).difference(connection.execute(_OLDER).scalars() if dead else ())

    @contextmanager
    def take_turn(self, name: str) -> Iterator[bool]:
        """Take the turn's advisory lock for the block; yield False if another process has it."""
        with self._held(SessionLock(self._sessions, f"turn {name}")) as is_ours:
            yield is_ours

    @contextmanager
    def _held(self, lock: SessionLock) -> Iterator[bool]:
        """Hold a lock for the block if it is free; yield whether it was."""
        try:
            is_ours = lock.take()
        except SQLAlchemyError as error:
            raise self.translate(error) from error
        try:
            yield is_ours
        finally:
            lock.release()

    # --- the rest ---------------------------------------------------------------------------------

    def backup(self, target: Path, *, tables: Collection[str]) -> dict[str, int]:
        """Write a dump for `pg_restore`.

        Raises:
            UsageError: `pg_dump` is not installed.
            StoreError: `pg_dump` failed, for example because it is older than the server.
        """
        with self._sessions.connect() as connection:
            self.begin_read(connection)
            snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
            counts = count_rows(connection)
            options = postgres_dump.without_others(connection, tables) if tables else ()
            postgres_dump.dump(
                self._url, self.name, target, snapshot=str(snapshot), options=options
            )
        return counts

    def restore(self, copy: Path, kept: Path, restoration: Restoration) -> None:
        """Load a dump in one transaction, after a dump of the present content.

        Raises:
            Refused: a process of this program is connected.
            UsageError: `pg_dump` or `pg_restore` is not installed.
            StoreError: the dump cannot be loaded; nothing was changed.
        """
        self.engine.dispose()
        with self._sessions.connect() as connection:
            self.begin_write(connection)
            if others := _others_of(connection):
                are_open = f"{counted(others, 'connection')} {'is' if others == 1 else 'are'} open"
                raise Refused(f"database {self.name}: {in_use(are_open)}")
            if connection.dialect.has_table(connection, "alembic_version"):
                self._set_aside(connection, kept, restoration)
            postgres_load.load(connection, copy)
            restoration.finish(connection)
            connection.exec_driver_sql("COMMIT")

    def _set_aside(self, connection: Connection, kept: Path, restoration: Restoration) -> None:
        options = postgres_dump.without_others(connection, restoration.tables)
        postgres_dump.dump(self._url, self.name, kept, options=options)
        connection.exec_driver_sql("SAVEPOINT old")
        try:
            restoration.read(connection)
        except SQLAlchemyError as error:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT old")
            restoration.fail(str(self.translate(error)))
        postgres_load.drop_tables(connection, restoration.tables)

    def translate(self, error: Exception) -> StoreError:
        """Return the `StoreError` for an error of the driver or the pool."""
        return translate(error, self.name)

    def _create_engine(self, **options: Any) -> Engine:
        engine = create_engine(
            self._url,
            # The `begin_…` methods begin transactions because each needs another statement.
            isolation_level="AUTOCOMMIT",
            # No log and no traceback may have an address.
            hide_parameters=True,
            connect_args={"client_encoding": "utf8", "application_name": "digest"},
            **options,
        )
        event.listen(engine, "connect", self._set_up)
        return engine

    def _set_up(self, connection: Any, _record: Any) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise DatabaseRefused(
                f"database {self.name}: its encoding is {encoding}; create it with ENCODING 'UTF8'"
            )
        settings = {
            # Needed by the ledger: see `digest.store.engines.sqlite`.
            "synchronous_commit": "on",
            # A stricter one, set for other programs, would end transactions of two workers.
            "default_transaction_isolation": "read committed",
            "lock_timeout": f"{int(self._busy_timeout_s * 1000)}ms",
            "TimeZone": "UTC",
            **self._without_limits(connection.info.server_version // 10000),
            **_SERVER_SIDE,
        }
        # In autocommit mode; otherwise a rollback would undo the settings.
        connection.autocommit = True
        connection.execute("; ".join(f"SET {name} = '{value}'" for name, value in settings.items()))
        if not self._is_known_way:
            self._check_way(connection)

    def _without_limits(self, version: int) -> dict[str, str]:
        """Return the settings without limits of time, but for those that the address names."""
        said = str(self._url.query.get("options", ""))
        return {k: "0" for k, since in _NO_LIMITS.items() if version >= since and k not in said}

    def _check_way(self, connection: Any) -> None:
        """Refuse a pooler that does not keep a session for one client, once for each process."""
        if postgres_pooler.is_pooled(connection) and postgres_pooler.shares_sessions(
            connection, self._connect_driver
        ):
            raise DatabaseRefused(
                f"database {self.name}: a pooler in transaction or statement mode is in between;"
                " it loses locks, so connect directly, or through a pooler in session mode"
            )
        self._is_known_way = True

    def _connect_driver(self) -> Any:
        dialect = self._sessions.dialect
        words, values = dialect.create_connect_args(self._url)
        driver: Any = dialect.loaded_dbapi
        return driver.connect(*words, **values, autocommit=True)


def _others_of(connection: Connection) -> int:
    """Return the number of this program's other connections; those that are closing may end."""
    until = monotonic() + _CLOSING_S
    while (others := int(connection.execute(_OTHERS).scalar_one())) and monotonic() < until:
        sleep(_CLOSING_S / 10)
        connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
    return others


_WRITERS = lock_key("writers")
#: Begins a transaction of marks whose statements are planned once; the server would plan them again
#: for each group, which takes as long as to run them.
_SHARED_AND_PLANNED = (
    f"SELECT pg_advisory_xact_lock_shared({_WRITERS}),"
    " set_config('plan_cache_mode', 'force_generic_plan', true)"
)


def _impatient(url: URL, patience_s: float) -> URL:
    """Return an address by which a connection is lost soon after its server or network vanished.

    Keepalives find that while a reply is awaited, and `tcp_user_timeout` (in milliseconds) while
    bytes are not acknowledged: the system alone would try for a quarter of an hour. A statement
    that takes long is not cut off. What the address says itself is kept.
    """
    lost_s = max(_LEAST_PATIENCE_S, int(patience_s))
    parameters = {
        "connect_timeout": max(2, int(patience_s / 3)),
        "keepalives_idle": lost_s // 2,
        "keepalives_interval": lost_s // 6,
        "keepalives_count": 3,
        "tcp_user_timeout": lost_s * 1000,
    }
    return url.update_query_dict({k: str(v) for k, v in parameters.items() if k not in url.query})


def _halves(key: int) -> tuple[int, int]:
    """Return a lock's number in the two parts that `pg_locks` shows."""
    return (key >> 32) & 0xFFFFFFFF, key & 0xFFFFFFFF


def _require_psycopg() -> None:
    try:
        import psycopg  # noqa: F401 - an extra
    except ImportError as error:
        raise ConfigError(
            ("database.url: PostgreSQL needs psycopg: pip install inbox-digest[postgres]",)
        ) from error
