from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, select

from digest.errors import Refused
from digest.models import DeliveryState, EditionState, Outcome, Reply, Slot, StoredEdition
from digest.store import approvals, closing, drafts, editions, unknown_deliveries
from digest.store.attempts import record_outcomes, settle_kept, take_marks_back
from digest.store.claims import claim_due
from digest.store.deliveries import mark_handing
from digest.store.drafts import save_draft
from digest.store.engine import Database
from digest.store.releases import release_workers
from digest.store.tables import deliveries, slots
from subscribers.tables import subscriptions
from tests.support.ledger_rows import CUT, NEWSLETTER, NOW, add_edition, add_subscribers, freeze

SENT = Outcome(state=DeliveryState.SENT, reply=Reply(code=250, text="ok"), relay="r:25")
NO_SUCH = Reply(code=550, text="5.1.1 no such user")
REFUSED = Outcome(state=DeliveryState.FAILED, reply=NO_SUCH, reason="refused", relay="r:25")


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """Return a connection to an empty database."""
    with database.write() as connection:
        yield connection


@pytest.fixture
def sending(connection: Connection) -> Connection:
    """Return a database with edition 1 frozen for four subscribers; nothing is sent yet."""
    add_subscribers(connection, 4)
    add_edition(connection)
    freeze(connection)
    return connection


def draft(connection: Connection, content_hash: str = "first", *, day: int = 23) -> int:
    """Store a draft with this content for a Monday in November."""
    slot = Slot(local_at=f"2026-11-{day}T07:00", due_at=datetime(2026, 11, day, 7, tzinfo=UTC))
    return save_draft(
        connection,
        newsletter=NEWSLETTER,
        cadence="weekly",
        slot=slot,
        number=1,
        cut_seq=CUT,
        snapshot=f'"{content_hash}"',
        content_hash=content_hash,
        now=NOW,
    ).edition_id


def edition(connection: Connection, edition_id: int = 1) -> StoredEdition:
    found = editions.get_edition(connection, edition_id)
    assert found is not None
    return found


def state(connection: Connection, edition_id: int = 1) -> EditionState:
    return edition(connection, edition_id).state


def slot_state(connection: Connection) -> str:
    return str(connection.execute(select(slots.c.state)).scalar_one())


def rows(connection: Connection) -> list[tuple[str, str]]:
    query = select(deliveries.c.state, deliveries.c.reason).order_by(deliveries.c.id)
    return [(row.state, row.reason) for row in connection.execute(query)]


def seen(connection: Connection) -> list[int | None]:
    query = select(subscriptions.c.seen_seq).order_by(subscriptions.c.person_id)
    return list(connection.execute(query).scalars())


def send_one(connection: Connection) -> None:
    claim = claim_due(connection, 1, "w", now=NOW, most=1)
    mark_handing(connection, [claim.deliveries[0].id], "w", now=NOW)
    record_outcomes(connection, {claim.deliveries[0].id: SENT}, "w", now=NOW)


def approve(connection: Connection, content_hash: str) -> bool:
    return approvals.approve(
        connection, 1, content_hash=content_hash, approved_hash=f"{content_hash} for all"
    )


# --- approval -----------------------------------------------------------------------------------


def test_an_approval_names_the_content(connection: Connection) -> None:
    draft(connection)
    assert not approve(connection, "other")
    assert approve(connection, "first")
    assert (state(connection), edition(connection).approved_hash) == ("approved", "first for all")
    assert not approve(connection, "first")


def test_an_approval_names_who_the_content_goes_to(connection: Connection) -> None:
    draft(connection)
    assert approve(connection, "first")
    assert approvals.approve(connection, 1, content_hash="first", approved_hash="for others")
    assert edition(connection).approved_hash == "for others"


def test_a_refresh_that_changes_nothing_keeps_the_approval(connection: Connection) -> None:
    draft(connection)
    approve(connection, "first")
    draft(connection)
    assert (state(connection), edition(connection).approved_hash) == ("approved", "first for all")


def test_a_refresh_that_changes_something_voids_the_approval(connection: Connection) -> None:
    draft(connection)
    approve(connection, "first")
    draft(connection, "second")
    assert (state(connection), edition(connection).approved_hash) == ("draft", "")


def test_mended_content_voids_the_approval(connection: Connection) -> None:
    draft(connection)
    approve(connection, "first")
    drafts.replace_snapshot(connection, edition(connection), '""', "mended")
    assert (state(connection), edition(connection).approved_hash) == ("draft", "")


# --- pause and resume ---------------------------------------------------------------------------


def test_nothing_is_claimed_of_a_paused_edition_and_what_was_claimed_goes_back(
    sending: Connection,
) -> None:
    claim = claim_due(sending, 1, "w", now=NOW, most=2)
    mark_handing(sending, [claim.deliveries[0].id], "w", now=NOW)
    assert approvals.pause(sending, 1, "by hand")
    assert [row[0] for row in rows(sending)] == ["handing", "pending", "pending", "pending"]
    assert not mark_handing(sending, [claim.deliveries[1].id], "w", now=NOW)
    assert claim_due(sending, 1, "w", now=NOW).is_empty
    assert edition(sending).paused_reason == "by hand"


def test_a_mail_that_was_tried_goes_back_as_deferred(sending: Connection) -> None:
    (row,) = claim_due(sending, 1, "w", now=NOW, most=1).deliveries
    later = Outcome(state=DeliveryState.DEFERRED, reply=None, reason="timeout", next_at=NOW)
    record_outcomes(sending, {row.id: later}, "w", now=NOW)
    others = [each.id for each in claim_due(sending, 1, "w", now=NOW).deliveries]
    assert [each.id for each in claim_due(sending, 1, "w", now=NOW).deliveries] == [row.id]
    approvals.pause(sending, 1, "by hand")
    assert [each[0] for each in rows(sending)] == ["deferred", "pending", "pending", "pending"]
    approvals.resume(sending, 1)
    # Mails that were never tried go first.
    assert [each.id for each in claim_due(sending, 1, "w", now=NOW).deliveries] == others
    assert [each.id for each in claim_due(sending, 1, "w", now=NOW).deliveries] == [row.id]


def test_a_refusal_that_arrives_after_a_pause_counts(sending: Connection) -> None:
    gone, later, untried, _ = (row.id for row in claim_due(sending, 1, "w", now=NOW).deliveries)
    approvals.pause(sending, 1, "by hand")
    kept = Outcome(state=DeliveryState.DEFERRED, reply=NO_SUCH, reason="kept", next_at=NOW)
    record_outcomes(sending, {gone: kept, later: kept}, "w", now=NOW)
    settle_kept(sending, {gone: REFUSED}, "w", now=NOW)
    assert rows(sending) == [
        ("failed", "refused"),
        ("deferred", "kept"),
        ("pending", ""),
        ("pending", ""),
    ]
    assert closing.read_accounting(sending, 1).failed == 1
    approvals.resume(sending, 1)
    assert claim_due(sending, 1, "w", now=NOW).deliveries[0].id == untried


def test_a_refusal_that_arrives_after_a_pause_leaves_the_row_of_another_worker(
    sending: Connection,
) -> None:
    held = [row.id for row in claim_due(sending, 1, "w", now=NOW, most=2).deliveries]
    approvals.pause(sending, 1, "by hand")
    approvals.resume(sending, 1)
    assert [row.id for row in claim_due(sending, 1, "other", now=NOW, most=2).deliveries] == held
    mark_handing(sending, held[:1], "other", now=NOW)
    record_outcomes(sending, dict.fromkeys(held, REFUSED), "w", now=NOW)
    assert [row[0] for row in rows(sending)][:2] == ["handing", "claimed"]
    record_outcomes(sending, {held[0]: SENT}, "other", now=NOW)
    record_outcomes(sending, dict.fromkeys(held, REFUSED), "w", now=NOW)
    assert [row[0] for row in rows(sending)][:2] == ["sent", "claimed"]


def test_a_resumed_edition_goes_on(sending: Connection) -> None:
    send_one(sending)
    approvals.pause(sending, 1, "by hand")
    assert approvals.resume(sending, 1)
    assert (state(sending), edition(sending).paused_reason) == ("sending", "")
    assert len(claim_due(sending, 1, "w", now=NOW).deliveries) == 3


@pytest.mark.parametrize("is_approved", [True, False])
def test_a_resumed_draft_has_its_former_state(connection: Connection, *, is_approved: bool) -> None:
    draft(connection)
    if is_approved:
        approve(connection, "first")
    before = state(connection)
    approvals.pause(connection, 1, "audience")
    approvals.resume(connection, 1)
    assert state(connection) is before


def test_a_paused_draft_is_refreshed_and_stays_paused(connection: Connection) -> None:
    draft(connection)
    approvals.pause(connection, 1, "audience")
    assert draft(connection, "second") == 1
    assert state(connection) is EditionState.PAUSED


def test_posts_of_a_paused_draft_do_not_count_as_sent(connection: Connection) -> None:
    draft(connection)
    approvals.pause(connection, 1, "audience")
    assert editions.last_cut(connection, NEWSLETTER, "weekly") is None
    assert editions.next_number(connection, NEWSLETTER, "weekly") == 1
    assert not closing.close_edition(connection, 1, now=NOW)


def test_pausing_and_resuming_twice_do_nothing(sending: Connection) -> None:
    assert approvals.pause(sending, 1, "one")
    assert not approvals.pause(sending, 1, "two")
    assert approvals.resume(sending, 1)
    assert not approvals.resume(sending, 1)


# --- cancel -------------------------------------------------------------------------------------


def test_a_cancelled_draft_leaves_its_slot_missed(connection: Connection) -> None:
    draft(connection)
    assert approvals.cancel(connection, 1, now=NOW) == 0
    assert (state(connection), slot_state(connection)) == ("cancelled", "missed")
    assert approvals.cancel(connection, 1, now=NOW) is None


def test_a_cancelled_send_skips_the_rest_and_keeps_their_windows_open(sending: Connection) -> None:
    send_one(sending)
    assert approvals.cancel(sending, 1, now=NOW) == 3
    assert rows(sending) == [("sent", ""), *[("skipped", "cancelled")] * 3]
    assert (state(sending), seen(sending)) == ("cancelled", [CUT, None, None, None])
    assert editions.last_cut(sending, NEWSLETTER, NEWSLETTER) is None


def test_a_mail_in_hand_is_counted_after_the_cancel(sending: Connection) -> None:
    claim = claim_due(sending, 1, "w", now=NOW)
    in_hand = claim.deliveries[0].id
    mark_handing(sending, [in_hand], "w", now=NOW)
    approvals.cancel(sending, 1, now=NOW)
    assert seen(sending)[0] is None
    record_outcomes(sending, {in_hand: SENT}, "w", now=NOW)
    assert closing.close_edition(sending, 1, now=NOW)
    assert (state(sending), seen(sending)[0]) == ("cancelled", CUT)


def test_a_mark_taken_back_after_the_cancel_is_skipped_too(sending: Connection) -> None:
    claim = claim_due(sending, 1, "w", now=NOW, most=1)
    in_hand = claim.deliveries[0].id
    mark_handing(sending, [in_hand], "w", now=NOW)
    approvals.cancel(sending, 1, now=NOW)
    take_marks_back(sending, [in_hand], "w")
    release_workers(sending, ("w",), now=NOW)
    assert closing.close_edition(sending, 1, now=NOW)
    assert rows(sending) == [("skipped", "cancelled")] * 4


def test_unknown_deliveries_of_a_cancelled_edition_are_not_sent_again(sending: Connection) -> None:
    claim = claim_due(sending, 1, "w", now=NOW, most=1)
    mark_handing(sending, [claim.deliveries[0].id], "w", now=NOW)
    approvals.cancel(sending, 1, now=NOW)
    release_workers(sending, ("w",), now=NOW)
    with pytest.raises(Refused, match="--assume-sent"):
        unknown_deliveries.resend_unknown(sending, 1, now=NOW)
