"""What is exported is imported as it was, whatever was stored."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from subscribers.addresses import parse_address
from subscribers.csvfile import unguard_cell
from subscribers.exporting import export_csv
from subscribers.importing import import_file, summarise
from subscribers.merging import ImportOptions
from subscribers.people import add_person, subscribe
from subscribers.preferences import Consent, Preferences, State, Subscription
from subscribers.suppression import SuppressionReason, suppress_many
from subscribers.tables import metadata
from tests.contract.subscribers_database import PeopleDatabase, open_people
from tests.support.databases import database_url

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
KEYS = ("new", "old")
OPTIONS = ImportOptions(
    newsletter="weekly", keys=KEYS, now=NOW + timedelta(days=9), consent="moved here"
)
TIMES = st.integers(1, 30_000_000).map(lambda minutes: NOW - timedelta(minutes=minutes // 2))
#: Letters that spreadsheets, other programs and the parser treat in a special way.
NAMES = st.text("=+-@＝＠'\" ,;a é李", max_size=8).map(lambda name: " ".join(name.split()))
CHOICES = st.builds(
    Preferences,
    categories=st.sampled_from([(), ("Sea",), ("=Land", "Sea, Arts")]),
    cadence=st.sampled_from(["", "daily"]),
    language=st.sampled_from(["", "pt-BR"]),
    text_size=st.sampled_from(["normal", "large"]),
    zone=st.sampled_from(["", "Europe/Paris"]),
    hour=st.none() | st.integers(0, 23),
    paused_until=st.none() | TIMES,
)
CONSENTS = st.builds(
    Consent,
    at=TIMES,
    how=st.sampled_from(["form", "import", "manual"]),
    text=st.sampled_from(["", "form of 2024", '=the "words",\non two lines; yes']),
)


@st.composite
def subscriptions(draw: st.DrawFn) -> Subscription:
    """Return a subscription as an import, a form or a link leaves it."""
    state = draw(st.sampled_from(State))
    consent = draw(CONSENTS if state is State.CONFIRMED else st.none())
    is_known = draw(st.booleans()) or (consent is not None and consent.how == "form")
    return Subscription(
        newsletter="weekly",
        state=state,
        # If the day of joining is not known, the time of the import takes its place.
        joined_at=draw(TIMES) if is_known else OPTIONS.now,
        is_joined_known=is_known,
        preferences=draw(CHOICES),
        consent=consent,
        source=draw(st.sampled_from(["import", "form", "shop"])),
        left_at=draw(TIMES) if state.is_ended else None,
        left_how=draw(st.sampled_from(["page", "one-click"])) if state.is_ended else "",
    )


#: A mailbox that bounced or complained is suppressed by the import too.
ENDINGS = {
    State.BOUNCED: SuppressionReason.BOUNCED,
    State.COMPLAINED: SuppressionReason.COMPLAINED,
}


@pytest.fixture
def databases(engine: str, tmp_path: Path) -> Iterator[tuple[PeopleDatabase, PeopleDatabase]]:
    with (
        open_people(database_url(engine, tmp_path)) as one,
        open_people(tmp_path / "other.db") as other,
    ):
        yield one, other


def export(database: PeopleDatabase, *, raw: bool) -> str:
    out = io.StringIO(newline="")
    with database.write() as connection:
        export_csv(connection, "weekly", out, raw=raw)
    return out.getvalue()


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    stored=st.lists(
        st.tuples(NAMES, subscriptions(), st.sets(st.sampled_from(SuppressionReason), max_size=2)),
        max_size=4,
    ),
    raw=st.booleans(),
)
def test_everything_comes_back(
    databases: tuple[PeopleDatabase, PeopleDatabase],
    stored: list[tuple[str, Subscription, set[SuppressionReason]]],
    raw: bool,
) -> None:
    # Raw cells are not told from guarded ones: an apostrophe before a sign is taken for a guard.
    assume(not raw or all(unguard_cell(name) == name for name, _, _ in stored))
    one, other = databases
    for database in databases:
        with database.write() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
    with one.write() as connection:
        for number, (name, subscription, reasons) in enumerate(stored):
            address = parse_address(f"u{number}@heritage.org")
            person = add_person(connection, address, name=name, now=NOW)
            subscribe(connection, person.id, subscription)
            ending = ENDINGS.get(subscription.state)
            if wanted := reasons | ({ending} if ending else set()):
                suppress_many(connection, KEYS, {address: wanted}, now=NOW)
    written = export(one, raw=raw)
    report = summarise(import_file(other.write, io.BytesIO(written.encode()), OPTIONS))
    assert report.added == len(stored)
    assert export(other, raw=raw) == written
