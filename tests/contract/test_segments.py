"""A newsletter for a part of its subscribers, with a real store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from digest.composer.snapshot import edition_from_json
from digest.errors import Refused
from digest.models import CadenceAudience, Slot
from digest.pipeline.audience import approval_hash
from digest.store.audience import audience_groups, oldest_seen, start_newcomers
from digest.store.audience_counts import count_without_category, returning_subscribers, take_census
from digest.store.engine import Database
from digest.store.segments import NOBODY, count_left_out, is_in_segment
from digest.store.tables import deliveries
from subscribers.addresses import parse_address
from subscribers.fieldvalues import save_fields
from subscribers.people import add_person, find_subscription, subscribe
from subscribers.preferences import Preferences, State, Subscription
from subscribers.segments import EVERYBODY, Segment
from tests.support.paper import NAME, Paper, audience_of
from tests.support.subscriptions import put_subscription

NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
NEXT = Slot(local_at="2026-11-30T07:00", due_at=datetime(2026, 11, 30, 7, tzinfo=UTC))
THIRD = Slot(local_at="2026-12-07T07:00", due_at=datetime(2026, 12, 7, 7, tzinfo=UTC))
SLOT = Slot(local_at="2026-11-23T07:00", due_at=datetime(2026, 11, 23, 7, tzinfo=UTC))
PRO = Segment(fields=(("plan", ("pro",)),))

PEOPLE: dict[str, dict[str, Any]] = {
    "ann": {"fields": {"plan": "pro", "city": "Bern"}, "language": "de-AT"},
    "ben": {"fields": {"plan": "free"}, "language": "de", "source": "fair"},
    "cyn": {"zone": "Asia/Tokyo", "joined_at": datetime(2024, 3, 1, tzinfo=UTC)},
    "dan": {"language": "it", "source": "form", "joined_at": datetime(2025, 1, 1, tzinfo=UTC)},
    "eve": {"joined_at": datetime(2025, 6, 1, tzinfo=UTC), "is_joined_known": False},
    "fay": {"fields": {"plan": "pro"}, "state": State.LEFT},
    "gus": {"fields": {"plan": "pro"}, "paused_until": LATER},
}


def add(database: Database, name: str, facts: Mapping[str, Any]) -> int:
    address = parse_address(f"{name}@example.org", allow_reserved=True)
    chosen = {key: facts[key] for key in ("language", "zone", "paused_until") if key in facts}
    with database.write() as connection:
        person = add_person(connection, address, name=name.title(), now=NOW)
        subscription = Subscription(
            newsletter=NAME,
            state=facts.get("state", State.CONFIRMED),
            joined_at=facts.get("joined_at", NOW),
            is_joined_known=facts.get("is_joined_known", True),
            preferences=Preferences(**chosen),
            source=facts.get("source", ""),
        )
        subscribe(connection, person.id, subscription)
        save_fields(connection, person.id, facts.get("fields", {}))
    return person.id


@pytest.fixture
def ids(database: Database) -> dict[str, int]:
    """Store the people; return their ids by name."""
    return {name: add(database, name, facts) for name, facts in PEOPLE.items()}


def members(database: Database, ids: dict[str, int], segment: Segment) -> str:
    """Return the first letters of the people in a segment."""
    with database.read() as connection:
        return "".join(
            name[0]
            for name, person_id in ids.items()
            if is_in_segment(connection, NAME, person_id, segment)
        )


def key(segment: Segment) -> CadenceAudience:
    return audience_of("weekly").audience_key._replace(segment=segment)


@pytest.mark.parametrize(
    ("segment", "who"),
    [
        (EVERYBODY, "abcdefg"),
        (Segment(languages=("de",)), "ab"),
        (Segment(languages=("de-at",)), "a"),
        # Italian is not spoken, so Dan's letters are in the newsletter's language.
        (Segment(languages=("en",), has_default_language=True), "cdefg"),
        (Segment(languages=("de", "en"), has_default_language=True), "abcdefg"),
        (Segment(zones=("Asia/Tokyo",)), "c"),
        (Segment(zones=("Europe/Paris",), has_default_zone=True), "abdefg"),
        (Segment(sources=("fair", "form")), "bd"),
        (Segment(joined_after=datetime(2025, 1, 1, tzinfo=UTC)), "abdfg"),
        (Segment(joined_before=datetime(2025, 1, 1, tzinfo=UTC)), "c"),
        # Whoever was stored before a day also signed up before it.
        (Segment(joined_before=datetime(2026, 1, 1, tzinfo=UTC)), "cde"),
        (PRO, "afg"),
        (Segment(fields=(("plan", ("pro", "free")),)), "abfg"),
        (Segment(fields=(("plan", ("pro",)), ("city", ("Bern",)))), "a"),
        (Segment(languages=("de",), fields=(("plan", ("free",)),)), "b"),
        (Segment(fields=(("town", ("Bern",)),)), ""),
    ],
)
def test_a_segment_holds_the_subscribers_for_whom_every_condition_holds(
    database: Database, ids: dict[str, int], segment: Segment, who: str
) -> None:
    assert members(database, ids, segment) == who
    with database.read() as connection:
        groups = audience_groups(connection, key(segment), now=NOW)
        left_out = count_left_out(connection, NAME, segment)
    mailable = set(who) & set("abcde")
    assert sum(group.subscribers for group in groups) == len(mailable)
    assert left_out.subscribers == len(set("abcdeg") - set(who))


def test_the_plan_counts_who_is_left_out_by_each_condition(
    database: Database, ids: dict[str, int]
) -> None:
    segment = Segment(languages=("de",), fields=(("plan", ("pro",)),))
    with database.read() as connection:
        found = count_left_out(connection, NAME, segment)
        assert count_left_out(connection, NAME, EVERYBODY) == NOBODY
        census = take_census(connection, NAME, segment=segment)
        assert returning_subscribers(connection, key(PRO), now=NOW) == {LATER: 1}
        assert returning_subscribers(connection, key(segment), now=NOW) == {}
        assert count_without_category(connection, NAME, ("News",), segment) == 0
    assert found.subscribers == 5
    assert dict(found.by_condition) == {"language": 4, "field.plan": 4}
    assert [(each.value, each.subscribers) for each in census.languages] == [("de-AT", 1)]


def test_windows_outside_the_segment_do_not_start_or_count(
    database: Database, ids: dict[str, int]
) -> None:
    with database.write() as connection:
        start_newcomers(connection, key(PRO), 7)
        seen = {
            name: found.seen_seq
            for name, person_id in ids.items()
            if (found := find_subscription(connection, person_id, NAME))
        }
        assert oldest_seen(connection, key(PRO)) == 7
        assert oldest_seen(connection, key(Segment(sources=("fair",)))) is None
    assert {name for name, seq in seen.items() if seq == 7} == {"ann", "gus"}


# --- through an edition -------------------------------------------------------------------------


@pytest.fixture
def paper(database: Database) -> Paper:
    """Return a newsletter with one post; `ids` are its subscribers."""
    found = Paper(database, NOW)
    found.collect()
    found.documents.publish("https://paper.example/news", "Tale", NOW, Random(1))
    found.collect()
    return found


def draft(paper: Paper, slot: Slot = SLOT) -> int:
    edition_id = paper.compose("weekly", slot)
    assert edition_id is not None
    return edition_id


def test_only_the_segment_gets_a_row(paper: Paper, ids: dict[str, int]) -> None:
    paper.segment = PRO
    paper.freeze(draft(paper))
    with paper.database.read() as connection:
        rows = connection.execute(select(deliveries.c.subscriber_id)).scalars().all()
        ben = find_subscription(connection, ids["ben"], NAME)
    assert rows == [ids["ann"]]
    assert ben is not None
    assert ben.seen_seq is None


def test_who_comes_into_the_segment_gets_the_posts_since_their_own_last_mail(
    paper: Paper, ids: dict[str, int]
) -> None:
    paper.freeze(draft(paper))
    paper.send()
    paper.segment = PRO
    publish(paper, "Second")
    paper.freeze(draft(paper, NEXT))
    assert [each.subscriber for each in paper.send()] == ["ann"]
    paper.segment = EVERYBODY
    publish(paper, "Third")
    paper.freeze(draft(paper, THIRD))
    posts = {each.subscriber: set(each.posts) for each in paper.send()}
    assert posts["ann"] == {"Third"}
    assert posts["ben"] == {"Second", "Third"}


def publish(paper: Paper, name: str) -> None:
    paper.documents.publish("https://paper.example/news", name, NOW, Random(name))
    paper.collect()


def test_a_changed_segment_voids_an_approval(paper: Paper, ids: dict[str, int]) -> None:
    stored = paper.stored(draft(paper))
    approved = approval_hash(stored.content_hash, audience_of("weekly"))
    paper.segment = PRO
    with pytest.raises(Refused, match="it changed after its approval"):
        paper.freeze(stored.id, approved_hash=approved)
    paper.segment = EVERYBODY
    assert paper.freeze(stored.id, approved_hash=approved) == 5


def test_the_pool_reaches_back_for_the_segment_alone(paper: Paper, ids: dict[str, int]) -> None:
    paper.freeze(draft(paper))
    paper.send()
    # Ben did not get his mail, and is not of the segment.
    with paper.database.write() as connection:
        ben = find_subscription(connection, ids["ben"], NAME)
        assert ben is not None
        put_subscription(connection, ids["ben"], replace(ben, seen_seq=0))
    publish(paper, "Second")
    edition = edition_from_json(paper.stored(draft(paper, NEXT)).snapshot)
    assert edition.since_seq == 0
    paper.segment = replace(PRO, languages=("de",))
    edition = edition_from_json(paper.stored(draft(paper, NEXT)).snapshot)
    assert edition.since_seq == edition.last_cut_seq > 0
