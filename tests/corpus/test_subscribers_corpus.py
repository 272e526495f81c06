from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from subscribers.addresses import split_any, split_plain
from subscribers.csvfile import CsvError, open_text, read_records
from subscribers.importing import ImportReport, import_file, read_columns, summarise
from subscribers.merging import ImportOptions
from subscribers.people import stream_subscribers
from tests.contract.subscribers_database import PeopleDatabase, open_people

SHARED = Path(__file__).parents[3] / "shared"
FILES = sorted((*SHARED.glob("corpus/subscribers-csv/*.csv"), *SHARED.glob("cases/*.csv")))
METALS = ("Free", "Bronze", "Silver", "Gold")
OPTIONS = ImportOptions(
    newsletter="weekly",
    keys=("key",),
    now=datetime(2026, 11, 23, tzinfo=UTC),
    consent="moved from the former service",
    allow_reserved=True,
    categories=("Sea",),
)

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus is not beside this checkout")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[PeopleDatabase]:
    with open_people(tmp_path / "people.db") as database:
        yield database


def bring_in(database: PeopleDatabase, path: Path) -> ImportReport:
    with path.open("rb") as file:
        columns = read_columns(file)
        return summarise(import_file(database.write, file, OPTIONS, columns), columns)


def count(database: PeopleDatabase) -> dict[str, int]:
    """Return the number of subscribers by state, with a known day, and suppressed."""
    with database.write() as connection:
        found = list(stream_subscribers(connection, "weekly"))
    states = ("confirmed", "left", "bounced", "pending")
    return {state: sum(each.state == state for _, each in found) for state in states} | {
        "joined": sum(each.is_joined_known for _, each in found),
        "suppressed": sum(bool(person.suppressed) for person, _ in found),
    }


@dataclass(frozen=True)
class Wanted:
    """What a person who reads the file says that its import must report."""

    added: int = 0
    unchanged: int = 0
    refused: tuple[int, ...] = ()
    left: int = 0
    bounced: int = 0
    pending: int = 0
    #: How many have a known day of joining.
    joined: int = 0
    #: The headings of columns with cells that mean nothing here.
    unread: tuple[str, ...] = ()


#: None: the file is no list of subscribers.
WANTED: dict[str, Wanted | None] = {
    "beehiiv-members__members": Wanted(
        added=9, left=3, pending=1, joined=9,
        unread=("tier", "stripe_customer_id", *(f"{m} Tier" for m in METALS)),
    ),
    "beehiiv__posts": None,
    "buttondown__emails": None,
    # `Bob.Something@adv` and `albert.a.dum` are cut off.
    "curated-members-csv__subscribers": Wanted(added=18, refused=(5, 10), joined=18),
    "fs-utils__example": None,
    "fs-utils__malformed": Wanted(added=1, unread=("column 3",)),
    "fs-utils__posts": None,
    "keila__import_excel": Wanted(added=201),
    "keila__import_external_ids": Wanted(added=3, unchanged=1, unread=("External ID",)),
    "keila__import_external_ids_duplicate": Wanted(added=2, unchanged=2, unread=("External ID",)),
    "keila__import_libreoffice": Wanted(added=201),
    "keila__import_malformed1": Wanted(added=3),
    "keila__import_malformed2": Wanted(refused=(2,)),
    "keila__import_rfc_4180_upsert": Wanted(added=4, unchanged=1),
    "keila__import_rfc_4180_with_status": Wanted(added=4, left=1, bounced=1),
    "keila__import_with_data": Wanted(added=2, unread=("Data",)),
    "listmonk__subs": Wanted(added=100, unread=("attributes",)),
    "listmonk__subs-domain-blocklist": Wanted(added=4, unread=("attributes",)),
    "mailchimp-members__cleaned": Wanted(
        added=5, bounced=5, joined=5, unread=("Company", "MEMBER_RATING", "TAGS")
    ),
    "mailchimp-members__subscribed": Wanted(added=5, joined=5, unread=("Company", "TAGS")),
    "mailchimp-members__unsubscribed": Wanted(
        added=5, left=5, joined=5, unread=("Company", "TAGS")
    ),
    "substack-members-csv__fixtures_signup_emails": Wanted(
        added=21, left=2, joined=21, unread=("active_subscription", "expiry", "prefer_digests")
    ),
    "substack-members-csv__fixtures_subscriber_emails": Wanted(
        added=17, left=2,
        unread=("expiry", "prefer_digests", "stripe_connected_customer_id", "type"),
    ),
    "substack-members-csv__invalid": Wanted(added=3),
    "substack__posts": None,
    # The status 4 is not known; 0 is a no.
    "tinynews-members__subs-v1": Wanted(
        added=2, refused=(3,), left=1, joined=2,
        unread=(
            "Channel id", "Tier", "Tier title", "Tags", "Id", "Updated At", "User id"
        ),
    ),
    "tinynews-members__subs-v2": Wanted(
        added=2, left=1, joined=2, unread=("Last modified", "clicks", "opens")
    ),
    "wix-csv__empty": None,
    "wix-csv__posts": None,
    # `Land` and `Typo` are no categories of the newsletter.
    "csv-categories": Wanted(added=2, refused=(2, 3)),
    "excel-us-dates": Wanted(added=2, joined=2),
    "listmonk-export": Wanted(
        added=3, left=1, joined=3, unread=("uuid", "attributes", "updated_at")
    ),
    "mailpoet-export": Wanted(added=3, left=1, bounced=1, unread=("List",)),
    "s01-hubspot-opted-out": Wanted(
        added=2, left=1, unread=("Record ID", "Marketing contact status")
    ),
    "s02-german-headings": Wanted(added=2, left=1),
}  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_list_is_imported_with_the_report_that_its_reader_wrote_down(
    database: PeopleDatabase, path: Path
) -> None:
    if path.stem not in WANTED:
        pytest.skip("nobody has written down what this file means")
    wanted = WANTED[path.stem]
    if wanted is None:
        with pytest.raises(CsvError, match="no column `email`"):
            bring_in(database, path)
        assert database.dump()["people"] == []
        return
    report = bring_in(database, path)
    ended = wanted.left + wanted.bounced
    assert report.counts == {
        "added": wanted.added,
        "updated": 0,
        "unchanged": wanted.unchanged,
        "suppressed": 0,
        "refused": len(wanted.refused),
    }
    assert tuple(row.line for row in report.refused) == wanted.refused
    assert report.unread == wanted.unread
    assert report.warnings == ()
    assert count(database) == {
        "confirmed": wanted.added - ended - wanted.pending,
        "left": wanted.left,
        "bounced": wanted.bounced,
        "pending": wanted.pending,
        "joined": wanted.joined,
        "suppressed": wanted.bounced,
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_second_import_of_the_same_file_changes_nothing(
    database: PeopleDatabase, path: Path
) -> None:
    try:
        bring_in(database, path)
    except CsvError:
        return
    before = database.dump()
    bring_in(database, path)
    assert database.dump() == before


def test_days_of_joining_are_those_of_the_files(database: PeopleDatabase) -> None:
    for name in ("excel-us-dates", "listmonk-export", "beehiiv-members__members"):
        bring_in(database, next(path for path in FILES if path.stem == name))
    with database.write() as connection:
        days = {
            person.address.partition("@")[0]: f"{subscription.joined_at:%Y-%m-%d %H:%M}"
            for person, subscription in stream_subscribers(connection, "weekly")
        }
    assert (days["ann"], days["bob"]) == ("2018-02-12 16:55", "2019-11-30 09:05")
    assert (days["ok"], days["ok2"]) == ("2023-06-01 12:00", "2023-06-01 12:00")
    assert (days["lorem"], days["fromsubstack"]) == ("2023-03-24 10:23", "2022-03-12 11:43")


def test_every_address_of_the_lists_has_the_same_answer_on_the_short_path() -> None:
    seen = 0
    for path in FILES:
        with path.open("rb") as file, open_text(file) as text:
            for record in read_records(text):
                for cell in (each.strip() for each in record.cells if "@" in each):
                    plain = split_plain(cell)
                    assert plain is None or plain == split_any(cell)
                    seen += plain is not None
    assert seen > 500
