"""A batched import equals an import of one row after the other, whatever is in file and store."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.by_row import import_by_row
from subscribers.addresses import parse_address
from subscribers.importing import import_file
from subscribers.merging import ImportOptions
from subscribers.suppression import SuppressionReason, suppress
from subscribers.tables import metadata
from tests.contract.subscribers_database import PeopleDatabase, open_people
from tests.support.databases import database_url

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HEADINGS = ("email", "name", "categories", "status", "created at", "unsubscribed at", "hour")
ADDRESSES = [f"{name}@heritage.org" for name in ("ann", "ANN", "bob", "cid", "dee")]
CELLS = st.tuples(
    st.sampled_from([*ADDRESSES, "no address"]),
    st.sampled_from(["", "Ann", "=Bob", "Lee"]),
    st.sampled_from(["", "Sea", "Sea;Land"]),
    st.sampled_from(["", "active", "pending", "unsubscribed", "bounced", "spam", "what?"]),
    st.sampled_from(["", "2024-01-02", "2023-05-06 07:08:09 UTC", "2/3/2024"]),
    st.sampled_from(["", "", "", "2024-04-05"]),
    st.sampled_from(["", "7", "99"]),
)
FILES = st.lists(CELLS, min_size=1, max_size=8)
OPTIONS = st.builds(
    ImportOptions,
    newsletter=st.sampled_from(["weekly", "daily"]),
    keys=st.sampled_from([("new", "old"), ("old",)]),
    now=st.sampled_from([NOW, NOW + timedelta(days=9)]),
    consent=st.sampled_from(["", "form of 2024"]),
    seen_seq=st.sampled_from([None, 0, 41]),
)
SUPPRESSED = st.lists(
    st.tuples(st.sampled_from(ADDRESSES), st.sampled_from(SuppressionReason)), max_size=2
)


@pytest.fixture
def databases(engine: str, tmp_path: Path) -> Iterator[tuple[PeopleDatabase, PeopleDatabase]]:
    with (
        open_people(database_url(engine, tmp_path)) as one,
        open_people(tmp_path / "peer.db") as two,
    ):
        yield one, two


def write_file(rows: list[tuple[str, ...]]) -> io.BytesIO:
    out = io.StringIO(newline="")
    # A row that shows what the column of states is, so that no file stops as uncertain.
    known = ("eve@heritage.org", "Eve", "", "active", "", "", "")
    csv.writer(out).writerows([HEADINGS, known, *rows])
    return io.BytesIO(out.getvalue().encode())


def empty(database: PeopleDatabase) -> None:
    with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


def stored(database: PeopleDatabase) -> dict[str, list[dict[str, Any]]]:
    """Return all rows, with the address in place of ids, which are random or counted."""
    with database.write() as connection:
        rows = {
            name: [dict(row._mapping) for row in connection.execute(table.select())]
            for name, table in metadata.tables.items()
        }
    addresses = {row["id"]: row["address_key"] for row in rows["people"]}
    for row in rows["subscriptions"]:
        row["person_id"] = addresses[row["person_id"]]
    for row in (*rows["people"], *rows["suppressions"]):
        row.pop("id")
        row.pop("public_id", None)
    return {name: sorted(found, key=repr) for name, found in rows.items()}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    imports=st.lists(st.tuples(FILES, OPTIONS), min_size=1, max_size=3),
    suppressed=SUPPRESSED,
    size=st.sampled_from([1, 2, 500]),
)
def test_a_batched_import_equals_one_of_single_rows(
    databases: tuple[PeopleDatabase, PeopleDatabase],
    imports: list[tuple[list[tuple[str, ...]], ImportOptions]],
    suppressed: list[tuple[str, SuppressionReason]],
    size: int,
) -> None:
    for database in databases:
        empty(database)
        with database.write() as connection:
            for text, reason in suppressed:
                suppress(connection, ("old",), parse_address(text), reason, now=NOW)
    ours, peer = databases
    for rows, options in imports:
        before = stored(ours)
        dry = list(import_file(ours.write, write_file(rows), options, is_dry_run=True, size=size))
        assert stored(ours) == before
        done = list(import_file(ours.write, write_file(rows), options, size=size))
        assert dry == done
        wanted = list(import_by_row(peer.write, write_file(rows), options))
        assert [(each.line, each.outcome) for each in done] == wanted
        assert stored(ours) == stored(peer)
