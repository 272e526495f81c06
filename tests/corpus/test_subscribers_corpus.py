from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from subscribers.csvfile import CsvError
from subscribers.importing import ImportReport, import_file, summarise
from subscribers.merging import ImportOptions
from subscribers.people import stream_subscribers
from subscribers.preferences import State
from tests.contract.subscribers_database import PeopleDatabase, open_people

FOLDER = Path(__file__).parents[3] / "shared" / "corpus" / "subscribers-csv"
FILES = sorted(FOLDER.glob("*.csv"))
OPTIONS = ImportOptions(
    newsletter="weekly",
    keys=("key",),
    now=datetime(2026, 11, 23, tzinfo=UTC),
    consent="moved from the former service",
    allow_reserved=True,
)

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus is not beside this checkout")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[PeopleDatabase]:
    with open_people(tmp_path / "people.db") as database:
        yield database


def bring_in(database: PeopleDatabase, path: Path) -> ImportReport:
    with path.open("rb") as file:
        return summarise(import_file(database.write, file, OPTIONS))


def count(database: PeopleDatabase, state: State) -> int:
    with database.write() as connection:
        return sum(entry.state is state for _, entry in stream_subscribers(connection, "weekly"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_export_is_imported_once_or_refused_as_a_whole(
    database: PeopleDatabase, path: Path
) -> None:
    try:
        bring_in(database, path)
    except CsvError:
        assert database.dump()["people"] == []
        return
    before = database.dump()
    bring_in(database, path)
    assert database.dump() == before


@pytest.mark.parametrize(
    ("name", "confirmed", "left", "bounced"),
    [
        ("mailchimp-members__subscribed", 5, 0, 0),
        ("mailchimp-members__unsubscribed", 0, 5, 0),
        ("mailchimp-members__cleaned", 0, 0, 5),
        ("keila__import_rfc_4180_with_status", 2, 1, 1),
        ("keila__import_excel", 201, 0, 0),
        ("listmonk__subs", 100, 0, 0),
        ("tinynews-members__subs-v2", 1, 1, 0),
        ("tinynews-members__subs-v1", 1, 1, 0),
        ("beehiiv-members__members", 5, 3, 0),
        ("substack-members-csv__fixtures_signup_emails", 19, 2, 0),
        ("substack-members-csv__fixtures_subscriber_emails", 15, 2, 0),
        ("curated-members-csv__subscribers", 18, 0, 0),
    ],
)
def test_subscribers_who_left_elsewhere_are_never_mailed(
    database: PeopleDatabase, name: str, confirmed: int, left: int, bounced: int
) -> None:
    bring_in(database, FOLDER / f"{name}.csv")
    found = [count(database, state) for state in (State.CONFIRMED, State.LEFT, State.BOUNCED)]
    assert found == [confirmed, left, bounced]
