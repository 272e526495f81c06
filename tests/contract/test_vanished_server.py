"""PostgreSQL only: a server that vanishes without a word is noticed soon."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from digest.errors import ConnectionLostError
from digest.store.engine import Database
from tests.support.databases import as_text, new_database

_HOST = "127.0.0.1"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(new_database("postgresql", tmp_path)) as found:
        yield found


@contextmanager
def a_cable_to(url: URL) -> Iterator[tuple[int, threading.Event]]:
    """Forward a port to a server; yield the port, and the event after which nothing is read."""
    pulled, ended = threading.Event(), threading.Event()
    listener = socket.socket()
    # Inherited by the connections, so that the sender soon waits for an acknowledgement.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind((_HOST, 0))
    listener.listen()

    def forward() -> None:
        near, _ = listener.accept()
        with near, dial(url) as far:
            other = {near: far, far: near}
            while not pulled.is_set() and not ended.is_set():
                for each in select.select([near, far], [], [], 0.02)[0]:
                    other[each].sendall(each.recv(65536))
            ended.wait()

    thread = threading.Thread(target=forward, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], pulled
    finally:
        ended.set()
        thread.join()
        listener.close()


def dial(url: URL) -> socket.socket:
    folder = url.query.get("host")
    if not folder:
        return socket.create_connection((url.host or _HOST, url.port or 5432))
    far = socket.socket(socket.AF_UNIX)
    far.connect(f"{folder}/.s.PGSQL.{url.port or url.query.get('port', 5432)}")
    return far


def parameters(database: Database) -> dict[str, Any]:
    with database.read() as connection:
        driver: Any = connection.connection.driver_connection
        return dict(driver.info.get_parameters())


def write_after(pulled: threading.Event, database: Database) -> None:
    with database.write() as connection:
        pulled.set()
        # More than the buffers hold, so that a part is never acknowledged.
        connection.execute(text("SELECT length(:text)"), {"text": "x" * 20_000_000})


def test_a_statement_to_a_server_that_vanished_fails_as_lost_within_the_limit(
    database: Database,
) -> None:
    with a_cable_to(database.url) as (port, pulled):
        url = database.url.set(host=_HOST, port=port, query={"tcp_user_timeout": "1500"})
        with closing(Database(as_text(url))) as ours:
            begun = time.monotonic()
            with pytest.raises(ConnectionLostError, match="unreachable"):
                write_after(pulled, ours)
            assert time.monotonic() - begun < 8


@pytest.mark.parametrize(("patience_s", "lost_s"), [(30, 30), (0.4, 6)])
def test_a_connection_is_lost_after_the_patience_of_its_database(
    database: Database, patience_s: float, lost_s: int
) -> None:
    with closing(Database(as_text(database.url), busy_timeout_s=patience_s)) as ours:
        found = parameters(ours)
        idle, interval, count = (
            int(found[f"keepalives_{name}"]) for name in ("idle", "interval", "count")
        )
        assert (int(found["tcp_user_timeout"]), idle + interval * count) == (lost_s * 1000, lost_s)
        assert "tcp_user_timeout=" in ours.server_address


def test_what_the_address_says_itself_is_kept(database: Database) -> None:
    said = {"tcp_user_timeout": "7000", "keepalives_idle": "5", "connect_timeout": "9"}
    url = database.url.update_query_dict(said)
    with closing(Database(as_text(url))) as ours:
        found = parameters(ours)
        assert {name: found[name] for name in said} == said
        assert make_url(ours.server_address).query.items() >= said.items()
