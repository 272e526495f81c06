"""What is stored about a person, on both engines: choices, changes of address, erasure."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, insert, select, update

from digest.models import Choice, DeliveryState, Outcome, Reply
from digest.store import tables
from digest.store.attempts import record_outcomes
from digest.store.choices import CadenceName, save_choice
from digest.store.claims import claim_due
from digest.store.deliveries import mark_handing
from digest.store.engine import Database
from digest.store.headlines import headlines_since
from digest.store.notices import add_person_notice, end_notice
from digest.store.persons import (
    deliveries_to,
    erase,
    forget_notices,
    is_about_person,
    rows_about,
)
from digest.store.tables import deliveries, feeds, notices, post_categories, posts
from subscribers import tables as people_tables
from subscribers.addresses import parse_address
from subscribers.moving import (
    ChangeState,
    End,
    agree,
    ask_for_change,
    can_move_to,
    find_change,
    forget_changes,
    has_open_change,
    refuse,
)
from subscribers.people import (
    add_person,
    change_preferences,
    find_person,
    find_person_id,
    find_subscription,
    leave,
)
from subscribers.preferences import Person, Preferences, State
from subscribers.suppression import SuppressionReason, find_reasons, suppress
from subscribers.tables import address_changes, people, subscriptions
from tests.support.databases import reset_numbers
from tests.support.ledger_rows import NEWSLETTER, NOW, add_edition, add_subscribers, freeze

DAY = timedelta(days=1)
KEYS = ("a secret key",)
NEW = parse_address("new@heritage.org")


@pytest.fixture
def database(database: Database) -> Database:
    """Return three subscribers of one newsletter."""
    with database.write() as connection:
        add_subscribers(connection, 3)
    reset_numbers(database)
    return database


def person_of(connection: Connection, person_id: int = 1) -> Person:
    found = find_person_id(connection, person_id)
    assert found is not None
    return found


# --- choices ------------------------------------------------------------------------------------


def test_choices_are_replaced_and_nothing_else(database: Database) -> None:
    chosen = Preferences(categories=("B", "A"), cadence="monthly", hour=0, paused_until=NOW)
    with database.write() as connection:
        before = find_subscription(connection, 1, NEWSLETTER)
        connection.execute(update(subscriptions).values(seen_seq=7))
        assert change_preferences(connection, 1, NEWSLETTER, chosen)
        after = find_subscription(connection, 1, NEWSLETTER)
        other = find_subscription(connection, 2, NEWSLETTER)
    assert before is not None
    assert after is not None
    assert other is not None
    assert after.preferences == Preferences(
        categories=("A", "B"), cadence="monthly", hour=0, paused_until=NOW
    )
    assert (after.seen_seq, after.joined_at, after.state) == (7, before.joined_at, before.state)
    assert other.preferences == Preferences()


def test_only_a_confirmed_subscriber_has_choices(database: Database) -> None:
    with database.write() as connection:
        leave(connection, 1, NEWSLETTER, how="page", now=NOW)
        assert not change_preferences(connection, 1, NEWSLETTER, Preferences(hour=3))
        assert not change_preferences(connection, 1, "another", Preferences(hour=3))
        found = find_subscription(connection, 1, NEWSLETTER)
    assert found is not None
    assert (found.state, found.preferences.hour) == (State.LEFT, None)


# --- changes of address -------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(End.OLD, End.NEW), (End.NEW, End.OLD)])
def test_an_address_changes_when_both_ends_have_agreed(
    database: Database, order: tuple[End, End]
) -> None:
    with database.write() as connection:
        change = ask_for_change(connection, 1, NEW, NEWSLETTER, now=NOW)
        assert change is not None
        assert has_open_change(connection, 1, now=NOW)
        first, second = order
        for _ in range(2):
            assert agree(connection, KEYS, change, first, NEW, now=NOW) is ChangeState.OPEN
            assert find_person(connection, NEW) is None
        assert agree(connection, KEYS, change, second, NEW, now=NOW) is ChangeState.DONE
        assert find_person(connection, NEW) == person_of(connection)
        found = find_change(connection, change.id, 1, now=NOW)
        assert found is not None
        assert (found.state, found.address, found.agreed) == (ChangeState.DONE, "", frozenset(End))
        assert not has_open_change(connection, 1, now=NOW)
        # A late answer changes nothing.
        assert agree(connection, KEYS, change, first, NEW, now=NOW) is ChangeState.REFUSED
        refuse(connection, change)
        after = find_change(connection, change.id, 1, now=NOW)
        assert after == found


def test_a_change_belongs_to_its_person(database: Database) -> None:
    with database.write() as connection:
        change = ask_for_change(connection, 1, NEW, NEWSLETTER, now=NOW)
        assert change is not None
        assert find_change(connection, change.id, 2, now=NOW) is None
        assert find_change(connection, change.id + 1, 1, now=NOW) is None


@pytest.mark.parametrize("obstacle", ["taken", "suppressed", "person suppressed", "expired"])
def test_a_change_that_became_impossible_is_not_made(database: Database, obstacle: str) -> None:
    with database.write() as connection:
        change = ask_for_change(connection, 1, NEW, NEWSLETTER, now=NOW)
        assert change is not None
        agree(connection, KEYS, change, End.NEW, NEW, now=NOW)
        now = NOW
        if obstacle == "taken":
            add_person(connection, NEW, name="", now=NOW)
        elif obstacle == "suppressed":
            suppress(connection, KEYS, NEW, SuppressionReason.MANUAL, now=NOW)
        elif obstacle == "person suppressed":
            address = parse_address(person_of(connection).address, allow_reserved=True)
            suppress(connection, KEYS, address, SuppressionReason.MANUAL, now=NOW)
        else:
            now = NOW + 7 * DAY
        before = person_of(connection)
        assert agree(connection, KEYS, change, End.OLD, NEW, now=now) is ChangeState.REFUSED
        assert person_of(connection) == before


def test_the_mirror_of_the_suppression_list_stays_right_after_a_change(database: Database) -> None:
    with database.write() as connection:
        old = parse_address(person_of(connection).address, allow_reserved=True)
        change = ask_for_change(connection, 1, NEW, NEWSLETTER, now=NOW)
        assert change is not None
        for end in End:
            agree(connection, KEYS, change, end, NEW, now=NOW)
        suppress(connection, KEYS, old, SuppressionReason.BOUNCED, now=NOW)
        assert person_of(connection).suppressed == ()
        assert not can_move_to(connection, KEYS, old)
        suppress(connection, KEYS, NEW, SuppressionReason.MANUAL, now=NOW)
        assert person_of(connection).suppressed == ("manual",)


def test_a_person_asks_once_a_day_and_has_three_open_changes(database: Database) -> None:
    with database.write() as connection:
        for number in range(3):
            now = NOW + number * DAY
            address = parse_address(f"new{number}@heritage.org")
            assert ask_for_change(connection, 1, address, NEWSLETTER, now=now)
            assert not ask_for_change(connection, 1, NEW, NEWSLETTER, now=now + DAY / 2)
        assert ask_for_change(connection, 2, NEW, NEWSLETTER, now=NOW + 3 * DAY)
        assert not ask_for_change(connection, 1, NEW, NEWSLETTER, now=NOW + 3 * DAY)
        assert ask_for_change(connection, 1, NEW, NEWSLETTER, now=NOW + 7 * DAY)
        assert forget_changes(connection, now=NOW + 8 * DAY) == 2


# --- erasure ------------------------------------------------------------------------------------


def test_every_row_about_a_person_goes_with_them_but_the_ledgers() -> None:
    for data in (tables.metadata, people_tables.metadata):
        for table in data.sorted_tables:
            about = [column for column in table.columns if is_about_person(column)]
            for column in about:
                if table is deliveries:
                    continue
                (key,) = column.foreign_keys
                assert key.ondelete == "CASCADE", f"{table.name}.{column.name}"


def test_all_rows_about_a_person_are_found_and_erased(database: Database) -> None:
    with database.write() as connection:
        add_edition(connection)
        freeze(connection)
        person = person_of(connection)
        ask_for_change(connection, 1, NEW, NEWSLETTER, now=NOW)
        add_person_notice(
            connection,
            "private",
            "1",
            person_id=1,
            public_id=person.public_id,
            newsletter=NEWSLETTER,
            now=NOW,
        )
        found = rows_about(connection, 1)
        assert {name: len(rows) for name, rows in found.items() if rows} == {
            "subscriptions": 1,
            "address_changes": 1,
            "notices": 1,
        }
        assert person.public_id not in str(found)
        assert [row["state"] for row in deliveries_to(connection, 1)] == ["pending"]
        connection.execute(update(deliveries).values(reply_text=f"250 <{person.address}> ok"))
        address = parse_address(person.address, allow_reserved=True)
        assert erase(connection, KEYS, address, now=NOW)
        assert not any(rows_about(connection, 1).values())
        assert deliveries_to(connection, 1) == ()
        assert deliveries_to(connection, 2) != ()
        assert find_reasons(connection, KEYS, address) == ("erased",)
        texts = connection.execute(
            select(deliveries.c.reply_text).where(deliveries.c.subscriber_id < 0)
        )
        assert texts.scalars().all() == [""]
        assert connection.execute(select(func.count()).select_from(notices)).scalar() == 0
        assert connection.execute(select(func.count()).select_from(address_changes)).scalar() == 0
        assert not erase(connection, KEYS, address, now=NOW)


def test_a_delivery_of_an_erased_person_is_never_handed_over(database: Database) -> None:
    with database.write() as connection:
        add_edition(connection)
        freeze(connection)
        claimed = claim_due(connection, 1, "w", now=NOW, most=10)
        assert len(claimed.deliveries) == 3
        address = parse_address(person_of(connection, 3).address, allow_reserved=True)
        erase(connection, KEYS, address, now=NOW)
        ids = connection.execute(select(deliveries.c.id).order_by(deliveries.c.id)).scalars().all()
        assert mark_handing(connection, ids, "w", now=NOW) == frozenset(ids[:2])
        states = connection.execute(select(deliveries.c.state).order_by(deliveries.c.id))
        assert states.scalars().all() == ["handing", "handing", DeliveryState.SKIPPED]


def test_the_reply_about_a_person_erased_meanwhile_is_not_stored(database: Database) -> None:
    with database.write() as connection:
        add_edition(connection)
        freeze(connection)
        claim_due(connection, 1, "w", now=NOW, most=10)
        ids = connection.execute(select(deliveries.c.id).order_by(deliveries.c.id)).scalars().all()
        mark_handing(connection, ids, "w", now=NOW)
        address = parse_address(person_of(connection).address, allow_reserved=True)
        erase(connection, KEYS, address, now=NOW)
        reply = Reply(code=550, text=f"5.7.1 <{address.address}>: no")
        outcome = Outcome(state=DeliveryState.FAILED, reply=reply, reason="refused")
        record_outcomes(connection, {ids[0]: outcome, ids[1]: outcome}, "w", now=NOW)
        texts = connection.execute(select(deliveries.c.reply_text).order_by(deliveries.c.id))
        assert texts.scalars().all() == ["", reply.text, ""]


# --- notices ------------------------------------------------------------------------------------


def test_notices_to_people_are_forgotten_when_they_ended(database: Database) -> None:
    with database.write() as connection:
        for person_id in (1, 2):
            add_person_notice(
                connection,
                "private",
                "1",
                person_id=person_id,
                public_id=str(person_id),
                newsletter=NEWSLETTER,
                now=NOW,
            )
        first = connection.execute(select(notices.c.id).order_by(notices.c.id)).scalars().first()
        assert first is not None
        end_notice(connection, first, is_sent=True, now=NOW + DAY)
        assert forget_notices(connection, before=NOW + DAY) == 0
        assert forget_notices(connection, before=NOW + 2 * DAY) == 1


# --- headlines ----------------------------------------------------------------------------------


def test_headlines_are_pinned_first_and_then_the_newest(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(feeds).values(id=1, url="f", added_at=NOW))
        words = ("author", "published_raw", "summary_html", "content_html", "image_url")
        texts = dict.fromkeys((*words, "image_alt", "content_hash"), "")
        times = dict.fromkeys(("published_at", "first_seen_at", "updated_at"), NOW)
        for number in range(1, 8):
            connection.execute(
                insert(posts).values(
                    id=number,
                    seq=number,
                    feed_id=1,
                    mailable=number != 3,
                    title=f"Post {number}",
                    url="" if number == 4 else f"https://x.org/{number}",
                    **texts,
                    **times,
                )
            )
            for category in ("News", "Sport") if number == 7 else ("News",):
                connection.execute(
                    insert(post_categories).values(post_id=number, feed_id=1, category=category)
                )
        save_choice(connection, NEWSLETTER, 2, Choice(pinned=1, title="Pinned"))
        save_choice(connection, NEWSLETTER, 5, Choice(is_dropped=True))
        save_choice(connection, "another", 6, Choice(is_dropped=True))
        of = CadenceName(NEWSLETTER, "weekly")
        found = headlines_since(connection, of, 1, ["News", "Sport"])
        assert [each.title for each in found] == ["Pinned", "Post 7", "Post 6"]
        assert set(found[1].categories) == {"News", "Sport"}
        assert headlines_since(connection, of, 1, ["Sport"])[0].categories == ("Sport",)
        assert headlines_since(connection, of, 1, []) == ()
        assert connection.execute(select(people.c.id)).scalars().all()
