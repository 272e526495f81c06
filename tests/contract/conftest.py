"""Fixtures that run a test on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.store.engine import Database
from tests.support.databases import ENGINES, empty_url, new_database


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Return the name of an engine."""
    return str(request.param)


@pytest.fixture
def database(engine: str, tmp_path: Path) -> Iterator[Database]:
    """Return a database with this program's schema and no rows."""
    database = new_database(engine, tmp_path)
    yield database
    database.close()


@pytest.fixture
def empty(engine: str, tmp_path: Path) -> str:
    """Return the address of a database without any table."""
    return empty_url(engine, tmp_path)
