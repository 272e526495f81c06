"""Sign-ups in the store, and what a confirmation changes, on each engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.models import SignUp
from digest.store import sign_ups as store
from digest.store.engine import Database
from subscribers.addresses import parse_address
from subscribers.joining import Reply, confirm_sign_up, reply_to, store_applicant
from subscribers.people import add_person, find_person, find_subscription, subscribe
from subscribers.preferences import Consent, Person, State, Subscription
from subscribers.suppression import SuppressionReason, find_reasons, suppress

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEYS = ("new-key", "old-key")
ANN = parse_address("ann@heritage.org")
SIGN_UP = SignUp(
    newsletter="weekly", at=NOW, address=ANN.address, choices="{}", wording="v1", source="footer"
)
PENDING = Subscription(newsletter="weekly", state=State.PENDING, joined_at=NOW)
CONFIRMED = replace(PENDING, state=State.CONFIRMED, consent=Consent(at=NOW, how="form", text="v1"))


def add(database: Database, sign_up: SignUp = SIGN_UP, network: str = "n") -> SignUp:
    """Store a sign-up and take it."""
    with database.write() as connection:
        store.add_sign_up(connection, sign_up, network)
        taken = store.take_sign_up(connection, store.unsettled_ids(connection)[-1])
    assert taken is not None
    return taken


def settle(database: Database, sign_up: SignUp) -> Person:
    with database.write() as connection:
        person, is_new = store_applicant(connection, KEYS, ANN, PENDING, now=NOW)
        store.settle_sign_up(connection, sign_up, person.id, is_new=is_new)
    return person


def test_a_sign_up_loses_its_address_when_it_is_settled(database: Database) -> None:
    taken = add(database)
    assert replace(taken, id=0) == SIGN_UP
    person = settle(database, taken)
    with database.write() as connection:
        assert store.unsettled_ids(connection) == ()
        assert store.take_sign_up(connection, taken.id) is None
        found = store.find_sign_up(connection, person.id, "weekly")
    assert found == replace(taken, address="", person_id=person.id, is_new=True)


def test_the_newest_sign_up_of_a_person_replaces_the_one_before(database: Database) -> None:
    person = settle(database, add(database))
    later = add(database, replace(SIGN_UP, at=NOW + DAY, source="shop"))
    settle(database, later)
    with database.read() as connection:
        (kept,) = store.sign_ups_of(connection, person.id)
    assert (kept.source, kept.is_new) == ("shop", True)


def test_sign_ups_are_counted_by_network_and_together(database: Database) -> None:
    for network in ("a", "a", "b", ""):
        add(database, network=network)
    with database.read() as connection:
        counts = store.count_sign_ups(connection, "a", since=NOW - DAY)
        assert (counts.network, counts.everybody) == (2, 4)
        assert store.count_sign_ups(connection, "a", since=NOW).everybody == 0


def test_mails_to_an_address_are_counted_under_every_key(database: Database) -> None:
    with database.write() as connection:
        store.add_mail(connection, "old-hash", now=NOW)
        store.add_mail(connection, "new-hash", now=NOW - 2 * DAY)
        both = ("new-hash", "old-hash")
        assert store.count_mails(connection, both, since=NOW - 3 * DAY) == 2
        assert store.count_mails(connection, both, since=NOW - DAY) == 1
        store.forget_mails(connection, both)
        assert store.count_mails(connection, both, since=NOW - 3 * DAY) == 0


def test_an_old_sign_up_takes_its_pending_person_along(database: Database) -> None:
    settle(database, add(database))
    with database.write() as connection:
        assert store.forget_sign_ups(connection, before=NOW) == 0
        assert store.forget_sign_ups(connection, before=NOW + DAY) == 1
        assert find_person(connection, ANN) is None


@pytest.mark.parametrize("state", [State.LEFT, State.CONFIRMED, State.PENDING])
def test_an_old_sign_up_leaves_a_person_who_was_there_before(
    database: Database, state: State
) -> None:
    with database.write() as connection:
        person = add_person(connection, ANN, name="", now=NOW - DAY)
        subscribe(connection, person.id, replace(PENDING, state=state))
    settle(database, add(database))
    with database.write() as connection:
        assert store.forget_sign_ups(connection, before=NOW + DAY) == 1
        found = find_subscription(connection, person.id, "weekly")
    assert found is not None
    assert found.state is state


def test_a_person_with_another_newsletter_keeps_it(database: Database) -> None:
    person = settle(database, add(database))
    with database.write() as connection:
        subscribe(connection, person.id, replace(CONFIRMED, newsletter="daily"))
        store.forget_sign_ups(connection, before=NOW + DAY)
        assert find_subscription(connection, person.id, "weekly") is None
        assert find_subscription(connection, person.id, "daily") is not None


def test_marks_are_deleted_after_their_time(database: Database) -> None:
    add(database)
    with database.write() as connection:
        store.forget_marks(connection, before=NOW + DAY)
        assert store.count_sign_ups(connection, "n", since=NOW - DAY).everybody == 0


# --- what a confirmation may change -------------------------------------------------------------


def confirm(database: Database, person: Person) -> bool:
    with database.write() as connection:
        return confirm_sign_up(connection, KEYS, person, ANN, CONFIRMED)


def test_a_confirmation_replaces_a_leaving_as_a_whole(database: Database) -> None:
    with database.write() as connection:
        person = add_person(connection, ANN, name="Ann", now=NOW)
        left = replace(
            PENDING, state=State.LEFT, left_at=NOW, left_how="page", seen_seq=7, consent=None
        )
        subscribe(connection, person.id, left)
    assert confirm(database, person)
    with database.read() as connection:
        assert find_subscription(connection, person.id, "weekly") == CONFIRMED


@pytest.mark.parametrize(
    ("given", "is_lifted"),
    [
        (("bounced",), True),
        (("erased",), True),
        (("bounced", "erased"), True),
        (("complained",), False),
        (("manual",), False),
        (("bounced", "complained"), False),
        (("erased", "manual"), False),
    ],
)
def test_a_confirmation_lifts_bounces_and_erasures_only(
    database: Database, given: tuple[str, ...], is_lifted: bool
) -> None:
    person = settle(database, add(database))
    with database.write() as connection:
        for reason in given:
            # Under the older key too.
            suppress(connection, KEYS[::-1], ANN, SuppressionReason(reason), now=NOW)
    assert confirm(database, person) is is_lifted
    with database.read() as connection:
        assert find_reasons(connection, KEYS, ANN) == (() if is_lifted else tuple(sorted(given)))
        kept = find_person(connection, ANN)
    assert kept is not None
    assert bool(kept.suppressed) is not is_lifted


def test_the_new_person_of_an_erased_address_is_suppressed_until_the_confirmation(
    database: Database,
) -> None:
    with database.write() as connection:
        suppress(connection, KEYS, ANN, SuppressionReason.ERASED, now=NOW)
        store_applicant(connection, KEYS, ANN, PENDING, now=NOW)
        found = find_person(connection, ANN)
    assert found is not None
    assert found.suppressed == ("erased",)


def test_a_confirmed_subscription_is_not_confirmed_again(database: Database) -> None:
    person = settle(database, add(database))
    assert confirm(database, person)
    assert not confirm(database, person)


@pytest.mark.parametrize(
    ("state", "reasons", "reply"),
    [
        (None, (), Reply.ASK),
        (State.PENDING, (), Reply.ASK),
        (State.LEFT, (), Reply.ASK),
        (State.BOUNCED, ("bounced",), Reply.ASK),
        (State.CONFIRMED, ("bounced",), Reply.ASK),
        (State.CONFIRMED, (), Reply.HAS_IT),
        (State.COMPLAINED, (), Reply.NOTHING),
        (State.LEFT, ("complained",), Reply.NOTHING),
        (None, ("manual",), Reply.NOTHING),
        (State.CONFIRMED, ("manual", "erased"), Reply.NOTHING),
    ],
)
def test_the_reply_to_a_sign_up_depends_on_what_is_known(
    state: State | None, reasons: tuple[str, ...], reply: Reply
) -> None:
    assert reply_to(replace(PENDING, state=state) if state else None, reasons) is reply
