"""Examinations of drafts, the audience by domain, and approvals taken back, with a real store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.models import CadenceAudience, EditionState, Slot
from digest.models.examinations import ApprovalMark, Examination, ExaminationReport
from digest.store import approvals, drafts, editions, examinations
from digest.store.audience import count_domains
from digest.store.engine import Database
from digest.store.waiting import waits_for_resolve
from subscribers.addresses import parse_address
from subscribers.people import add_person, subscribe
from subscribers.preferences import Preferences, State, Subscription

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
REPORT = ExaminationReport(
    subscribers=3,
    waiting=0,
    widened=0,
    sections=(),
    cadences=(),
    languages=(),
    text_sizes=(),
    domains=(),
    variants=1,
    largest=(),
    findings=(),
    left_out=(),
    last_audience=0,
    jump="",
)


@pytest.fixture
def edition_id(database: Database) -> int:
    with database.write() as connection:
        saved = drafts.save_draft(
            connection,
            newsletter="weekly",
            cadence="weekly",
            slot=Slot(local_at="2026-11-23T07:00", due_at=NOW),
            number=1,
            cut_seq=1,
            snapshot="{}",
            content_hash="c" * 64,
            now=NOW,
        )
    return saved.edition_id


def look(database: Database, edition_id: int, number: int, snapshot: str = "{}") -> str:
    """Store one look at an edition, and return its hash."""
    made = Examination(
        edition_id=edition_id,
        hash=f"{number:064x}",
        made_from="f" * 64,
        snapshot=snapshot,
        report=REPORT,
        made_at=NOW + timedelta(minutes=number),
        made_by="ann",
    )
    with database.write() as connection:
        examinations.save(connection, made)
    return made.hash


def test_the_same_content_is_stored_once_and_keeps_its_mark(
    database: Database, edition_id: int
) -> None:
    first = look(database, edition_id, 1)
    with database.write() as connection:
        mark = ApprovalMark.APPROVED
        examinations.mark(connection, edition_id, first, mark, by="ben", at=NOW)
    look(database, edition_id, 1, snapshot='{"again": 1}')
    with database.read() as connection:
        found = examinations.find(connection, edition_id, first[:60])
        assert found is not None
        assert (found.snapshot, found.mark, found.marked_by) == ('{"again": 1}', mark, "ben")
        assert found.report == REPORT
        assert examinations.newest(connection, edition_id) == found
        assert examinations.find(connection, edition_id, "%") is None
        assert examinations.find(connection, edition_id, "") is None


def test_only_the_newest_looks_are_kept_and_every_approved_one(
    database: Database, edition_id: int
) -> None:
    first = look(database, edition_id, 1)
    with database.write() as connection:
        mark = ApprovalMark.APPROVED
        examinations.mark(connection, edition_id, first, mark, by="ben", at=NOW)
    hashes = [look(database, edition_id, number) for number in range(2, examinations.MOST_KEPT + 5)]
    with database.read() as connection:
        kept = [each for each in hashes if examinations.find(connection, edition_id, each)]
        assert kept == hashes[-examinations.MOST_KEPT :]
        approved = examinations.last_approved(connection, edition_id)
        assert approved is not None
        assert approved.hash == first


@pytest.mark.parametrize("is_paused", [False, True])
def test_an_approval_is_taken_back_once(
    database: Database, edition_id: int, is_paused: bool
) -> None:
    with database.write() as connection:
        assert not approvals.withdraw(connection, edition_id)
        assert approvals.approve(
            connection, edition_id, content_hash="c" * 64, approved_hash="a" * 64
        )
        if is_paused:
            assert approvals.pause(connection, edition_id, "a reason")
        assert approvals.withdraw(connection, edition_id)
        assert not approvals.withdraw(connection, edition_id)
        stored = editions.get_edition(connection, edition_id)
    assert stored is not None
    assert stored.approved_hash == ""
    assert stored.state is (EditionState.PAUSED if is_paused else EditionState.DRAFT)


def test_domains_count_those_who_may_be_mailed_the_most_frequent_first(
    database: Database,
) -> None:
    with database.write() as connection:
        for number, (address, state, paused) in enumerate(
            (
                ("ann@one.example", State.CONFIRMED, None),
                ("ben@two.example", State.CONFIRMED, None),
                ("cyn@two.example", State.CONFIRMED, None),
                ("dan@two.example", State.LEFT, None),
                ("eve@one.example", State.CONFIRMED, NOW + timedelta(days=9)),
            )
        ):
            mailbox = parse_address(address, allow_reserved=True)
            person = add_person(connection, mailbox, name="", now=NOW)
            subscription = Subscription(
                newsletter="weekly",
                state=state,
                joined_at=NOW,
                preferences=Preferences(paused_until=paused),
            )
            subscribe(connection, person.id, subscription)
            assert not waits_for_resolve(connection, "weekly", person.id), number
    key = CadenceAudience("weekly", "weekly")
    with database.read() as connection:
        assert count_domains(connection, key, now=NOW, most=9) == (
            ("two.example", 2),
            ("one.example", 1),
        )
        assert len(count_domains(connection, key, now=NOW, most=1)) == 1
