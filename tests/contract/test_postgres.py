"""PostgreSQL only: refusals of the server, its locks and its dumps."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from digest.errors import (
    ConnectionLostError,
    CorruptStoreError,
    DatabaseRefused,
    ExitCode,
    StoreError,
    UsageError,
)
from digest.store.counters import take_seqs
from digest.store.engine import Database
from digest.store.engines.postgres_dump import dump
from digest.store.engines.postgres_errors import translate
from digest.store.schema import open_checked
from tests.support.databases import as_text, new_database
from tests.support.postgres import DSN, programs_folder, require_server


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database("postgresql", tmp_path)) as found:
        yield found


def test_marks_of_two_workers_go_side_by_side(database: Database) -> None:
    with (
        closing(Database(as_text(database.url), busy_timeout_s=0.2)) as other,
        database.write_marks() as first,
        other.write_marks() as second,
    ):
        backend = text("SELECT pg_backend_pid()")
        assert first.scalar(backend) != second.scalar(backend)


def test_only_the_counter_row_delays_a_second_collector(database: Database) -> None:
    engine = create_engine(database.url, poolclass=NullPool)
    with engine.connect() as first, engine.connect() as second:
        assert take_seqs(first, 1) == 0
        second.execute(text("SET lock_timeout = '50ms'"))
        with pytest.raises(Exception, match="lock timeout"):
            take_seqs(second, 1)
        first.commit()
        second.rollback()
        assert take_seqs(second, 1) == 1


def test_commits_are_on_the_disk_before_they_return(database: Database) -> None:
    with database.write() as connection:
        shown = text("SELECT current_setting('synchronous_commit'), current_setting('TimeZone')")
        assert tuple(connection.execute(shown).one()) == ("on", "UTC")


def test_the_isolation_of_other_programs_does_not_hold(database: Database) -> None:
    name, setting = database.url.database, "default_transaction_isolation"
    with database.write() as connection:
        connection.execute(text(f"ALTER DATABASE \"{name}\" SET {setting} = 'serializable'"))
    try:
        with closing(Database(as_text(database.url))) as other, other.write() as connection:
            assert connection.scalar(text("SHOW transaction_isolation")) == "read committed"
    finally:
        with database.write() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" RESET {setting}'))


@pytest.mark.parametrize("limit", ["statement_timeout", "idle_in_transaction_session_timeout"])
def test_limits_for_other_programs_hold_only_if_the_address_names_them(
    database: Database, limit: str
) -> None:
    shown, name = text(f"SHOW {limit}"), database.url.database
    with database.write() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" SET {limit} = 50'))
    try:
        for options, value in ({}, "0"), ({"options": f"-c {limit}=60"}, "60ms"):
            address = as_text(database.url.update_query_dict(options))
            with closing(Database(address)) as other, other.read() as connection:
                assert connection.scalar(shown) == value
    finally:
        with database.write() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" RESET {limit}'))


def test_a_connection_ended_by_the_server_is_opened_again(database: Database) -> None:
    with database.read() as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(as_text(database.url), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with database.read() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != pid


def write_over_a_lost_connection(database: Database) -> None:
    with database.write() as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
        with psycopg.connect(as_text(database.url), autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        connection.execute(text("SELECT 1"))


def test_a_connection_that_ends_midway_is_tried_later(database: Database) -> None:
    with pytest.raises(StoreError, match="unreachable") as caught:
        write_over_a_lost_connection(database)
    assert caught.value.exit_code is ExitCode.TRY_LATER


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"database": "digest_none"}, "does not exist; create it"),
        ({"username": "digest_nobody"}, "the role or its password is refused"),
    ],
)
def test_an_impossible_database_is_a_configuration_error(
    database: Database, change: dict[str, str], words: str
) -> None:
    with pytest.raises(DatabaseRefused, match=words) as caught:
        open_checked(as_text(database.url.set(**change)))  # type: ignore[arg-type]  # names of its parts
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_server_that_does_not_answer_is_tried_later(tmp_path: Path) -> None:
    url = URL.create("postgresql", "digest", database="x", query={"host": str(tmp_path)})
    with pytest.raises(StoreError, match="unreachable") as caught:
        open_checked(as_text(url))
    assert caught.value.exit_code is ExitCode.TRY_LATER
    assert str(caught.value).count("\n") == 0


def test_a_database_of_another_encoding_is_refused(database: Database) -> None:
    server = create_engine(require_server(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    name = f"digest_test_latin_{os.getpid()}"
    with server.connect() as connection:
        make = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
        connection.execute(text(make))
        try:
            with pytest.raises(DatabaseRefused, match="ENCODING 'UTF8'"):
                open_checked(as_text(database.url.set(database=name)))
        finally:
            connection.execute(text(f"DROP DATABASE {name}"))


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (errors.DiskFull("x"), StoreError, "the server's disk is full"),
        (errors.ReadOnlySqlTransaction("x"), StoreError, "read-only"),
        (errors.LockNotAvailable("x"), StoreError, "locked by another process"),
        (errors.DeadlockDetected("x"), StoreError, "locked by another process"),
        (errors.QueryCanceled("x"), StoreError, r"ended a statement \(x\)"),
        (errors.AdminShutdown("x"), ConnectionLostError, "unreachable"),
        (errors.IdleInTransactionSessionTimeout("x"), ConnectionLostError, "ended the session"),
        (errors.ConnectionTimeout("x"), ConnectionLostError, r"unreachable \(x\)"),
        (errors.TooManyConnections("x"), StoreError, "no connection left"),
        (
            psycopg.OperationalError('FATAL: too many connections for role "a"'),
            StoreError,
            "no connection left",
        ),
        (
            psycopg.OperationalError(
                "FATAL: pg_hba.conf rejects connection for host, no encryption"
            ),
            DatabaseRefused,
            r"pg_hba\.conf refuses .* no encryption",
        ),
        (
            psycopg.OperationalError("SSL error: certificate verify failed"),
            DatabaseRefused,
            "TLS is not trusted .* sslrootcert",
        ),
        (errors.DataCorrupted("page 3"), CorruptStoreError, r"damaged \(page 3\); restore"),
        (errors.IndexCorrupted("x"), CorruptStoreError, "damaged"),
        (errors.InsufficientPrivilege("x"), DatabaseRefused, "give the role"),
        (
            psycopg.OperationalError('FATAL: password authentication failed for user "a"'),
            DatabaseRefused,
            "its password is refused",
        ),
        (
            psycopg.OperationalError("connection refused\nIs it running?"),
            ConnectionLostError,
            r"unreachable \(connection refused\)",
        ),
        (
            errors.UniqueViolation("twice\nDETAIL: Key (address)=(ann@x.org)"),
            StoreError,
            "^database x: twice$",
        ),
    ],
)
def test_each_error_is_one_line_with_its_exit_code(
    error: Exception, kind: type[StoreError], words: str
) -> None:
    found = translate(error, "x")
    assert type(found) is kind
    with pytest.raises(kind, match=words):
        raise found


# --- dumps ----------------------------------------------------------------------------------------


def test_a_dump_is_written_whole(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.environ.get(DSN):
        pytest.skip("the server of the DSN may be newer than the pg_dump here")
    monkeypatch.setenv("PATH", str(programs_folder()))
    database.backup(tmp_path / "copy.dump")
    assert (tmp_path / "copy.dump").read_bytes().startswith(b"PGDMP")
    assert [path.name for path in tmp_path.iterdir()] == ["copy.dump"]


def test_a_dump_that_fails_leaves_nothing(tmp_path: Path) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump here")
    url = URL.create("postgresql", database="x", query={"host": str(tmp_path)})
    with pytest.raises(StoreError, match="pg_dump failed"):
        dump(url, "x", tmp_path / "copy.dump")
    assert list(tmp_path.iterdir()) == []


def test_a_dump_is_made_with_the_parameters_of_the_address_but_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(
        '#!/bin/sh\n{ read -r head; read -r key; } <"$PGSERVICEFILE"\n'
        'echo "$@, $PGPASSWORD at $PGHOST, $head $key of $PGSERVICE" >&2\nexit 1\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    query = {"sslmode": "verify-full", "tcp_user_timeout": "30000", "sslpassword": "hidden"}
    url = URL.create("postgresql", "d", "secret", "db.example.org", None, "heritage", query)
    with pytest.raises(StoreError, match="pg_dump failed") as caught:
        dump(url, "x", tmp_path / "copy.dump")
    assert "--dbname sslmode=verify-full tcp_user_timeout=30000 dbname=heritage, " in str(
        caught.value
    )
    assert "secret at db.example.org, [digest] sslpassword=hidden of digest" in str(caught.value)


def test_without_pg_dump_the_error_names_the_package_to_install(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="install PostgreSQL's client programs"):
        database.backup(tmp_path / "copy.dump")
