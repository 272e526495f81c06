"""Fixtures for flow tests: a database, a project, a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from digest.readers.parsing.pool import ParserPool
from digest.store.engine import Database
from tests.support.databases import ENGINES, new_database, new_file
from tests.support.kill_harness import SlowServer, slow_server
from tests.support.ledger_rows import NewLedger, fill_ledger
from tests.support.parsers import SharedPool
from tests.support.project import Project


@pytest.fixture(scope="session")
def parsers() -> Iterator[ParserPool]:
    """Return parser processes that the tests share."""
    pool = SharedPool()
    yield pool
    pool.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return a database with this program's schema and no rows."""
    database = new_file(tmp_path / "digest.db")
    yield database
    database.close()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Return the name of an engine; a test that takes it runs on each."""
    return str(request.param)


@pytest.fixture
def new_ledger(engine: str, tmp_path: Path) -> Iterator[NewLedger]:
    """Return a function that fills an empty database with one frozen edition to subscribers."""
    database = new_database(engine, tmp_path)

    def fill(subscribers: int) -> Database:
        fill_ledger(database, subscribers)
        return database

    yield fill
    database.close()


@pytest.fixture
def project(tmp_path: Path, httpserver: HTTPServer) -> Project:
    """Return a project with one feed, at `/feed` of the test's server, and no relay."""
    project = Project(tmp_path)
    project.write_config(feed_url=httpserver.url_for("/feed"), smtp_port=1)
    return project


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[SlowServer]:
    """Return a mail server that records the messages it gets."""
    with slow_server(tmp_path) as server:
        yield server
