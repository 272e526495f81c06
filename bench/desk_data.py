"""Fills a database with many subscribers and editions, by bulk SQL that both engines know.

The two newest frozen editions have a delivery for every confirmed subscriber, the older ones for
the first `OLDER`: a list of that size is seldom as old as its editions.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    case,
    func,
    insert,
    literal,
    null,
    select,
    true,
)

from bench.bulk_rows import add_rows, numbers_to, text_of, time_of
from digest.composer.snapshot import content_hash, edition_to_json
from digest.models import EditionState
from digest.store import tables
from digest.store.engine import Database
from digest.store.tables import (
    comment_sources,
    comments,
    deliveries,
    editions,
    feeds,
    post_categories,
    post_sources,
    posts,
    slots,
    variants,
)
from subscribers.preferences import dump_categories
from subscribers.tables import people, person_fields, subscriptions
from tests.support.samples import sample_edition

NEWSLETTER = "weekly"
#: Deliveries of an edition older than the two newest frozen ones.
OLDER = 2_000
FEEDS, POSTS_PER_EDITION, COMMENTS_PER_POST = 10, 30, 3
VARIANTS = 3
_CATEGORIES = ("News", "Sport")


def feed_url(number: int) -> str:
    """Return the address of a feed, from 1."""
    return f"https://hill.example.org/feed/{number}"


def fill(database: Database, *, subscribers: int, past: int, now: datetime) -> None:
    """Fill an empty database.

    Args:
        database: the database, with its schema.
        subscribers: the number of people.
        past: the number of frozen editions; the newest is being sent, the others have ended.
        now: the present time.
    """
    with database.write() as connection:
        _add_people(connection, subscribers, POSTS_PER_EDITION * past, now)
        _add_feeds(connection, now)
        _add_posts(connection, POSTS_PER_EDITION * (past + 1), now)
        for number in range(1, past + 1):
            _add_edition(connection, number, past, now)
    _finish(database)


def _add_people(connection: Connection, count: int, seen_seq: int, now: datetime) -> None:
    numbers = numbers_to(count)
    i = numbers.c.i
    address = text_of("subscriber", i, "@heritage", i % 977, ".example")
    add_rows(
        connection,
        people,
        {
            "public_id": text_of("public", i),
            "address": address,
            "address_key": address,
            "name": text_of("Person ", i),
            "suppressed": case((i % 10 == 0, "bounced"), else_=""),
            "created_at": time_of(now - timedelta(days=300)),
        },
        numbers,
    )
    state = case(
        (people.c.id % 10 == 0, "left"), (people.c.id % 37 == 0, "pending"), else_="confirmed"
    )
    has_left = people.c.id % 10 == 0
    add_rows(
        connection,
        subscriptions,
        {
            "person_id": people.c.id,
            "newsletter": literal(NEWSLETTER),
            "state": state,
            "categories": case(
                (people.c.id % 3 == 0, dump_categories(("News",))),
                (people.c.id % 5 == 0, dump_categories(("Sport",))),
                else_="",
            ),
            "language": case((people.c.id % 4 == 0, "de"), else_=""),
            "source": case((people.c.id % 2 == 0, "import"), else_="form"),
            "seen_seq": literal(seen_seq),
            "joined_at": time_of(now - timedelta(days=300)),
            "consent_at": time_of(now - timedelta(days=300)),
            "consent_how": literal("form"),
            "left_at": case((has_left, time_of(now - timedelta(days=9))), else_=null()),
            "left_how": case((has_left, "one-click"), else_=""),
        },
        people,
    )
    connection.execute(
        insert(person_fields).from_select(
            ["person_id", "name", "value"],
            select(
                people.c.id,
                literal("plan"),
                case((people.c.id % 6 == 0, "pro"), else_="free"),
            ).where(people.c.id % 2 == 0),
        )
    )


def _add_feeds(connection: Connection, now: datetime) -> None:
    rows = [
        {
            "url": feed_url(number),
            "title": f"Paper {number}",
            "added_at": now - timedelta(days=1500),
            "checked_at": now - timedelta(hours=1),
            "read_at": now - timedelta(hours=1),
            "new_at": now - timedelta(hours=1),
        }
        for number in range(1, FEEDS + 1)
    ]
    connection.execute(insert(feeds), rows)


def _add_posts(connection: Connection, count: int, now: datetime) -> None:
    """Add posts with their comments; the newest first edition's are within the last week."""
    rows = []
    for i in range(1, count + 1):
        at = now - timedelta(weeks=1) * ((count - i) / POSTS_PER_EDITION)
        rows.append(
            {
                "seq": i,
                "feed_id": i % FEEDS + 1,
                "url": f"https://hill.example.org/post/{i}",
                "title": f"The bridge is mended, part {i}",
                "author": f"Author {i % 17}",
                "published_raw": "",
                "published_at": at,
                "first_seen_at": at,
                "updated_at": at,
                "summary_html": "<p>The council met in the old hall.</p>",
                "content_html": "<p>The council met in the old hall and agreed to mend it.</p>"
                * 30,
                "image_url": "",
                "image_alt": "",
                "content_hash": str(i),
                "mailable": True,
                "page_read_at": at,
            }
        )
    connection.execute(insert(posts), rows)
    connection.execute(tables.counters.delete().where(tables.counters.c.name == "posts"))
    connection.execute(insert(tables.counters).values(name="posts", value=count))
    add_rows(
        connection,
        post_sources,
        {
            "post_id": posts.c.id,
            "feed_id": posts.c.feed_id,
            "guid": posts.c.url,
            "url_key": posts.c.url,
        },
        posts,
    )
    for category, condition in zip(_CATEGORIES, (true(), posts.c.id % 2 == 0), strict=True):
        connection.execute(
            insert(post_categories).from_select(
                ["post_id", "feed_id", "category"],
                select(posts.c.id, posts.c.feed_id, literal(category)).where(condition),
            )
        )
    add_rows(
        connection,
        comment_sources,
        {"post_id": posts.c.id, "kind": literal("feed"), "url": text_of(posts.c.url, "/feed")},
        posts,
    )
    numbers = numbers_to(COMMENTS_PER_POST)
    source = comment_sources.join(numbers, true())
    add_rows(
        connection,
        comments,
        {
            "post_id": comment_sources.c.post_id,
            "source_id": comment_sources.c.id,
            "external_id": text_of("c", numbers.c.i),
            "parent_external_id": literal(""),
            "author": text_of("Reader ", numbers.c.i),
            "posted_at": time_of(now - timedelta(days=2)),
            "text": literal(
                "I walked over the old bridge every day of my childhood, and I shall miss it."
            ),
            "kind": literal("comment"),
            "url": literal(""),
            "first_seen_at": time_of(now - timedelta(days=2)),
        },
        source,
    )


def _add_edition(connection: Connection, number: int, past: int, now: datetime) -> None:
    age = past - number
    due = (now - timedelta(weeks=age, hours=1)).astimezone(UTC)
    is_sending = age == 0
    made = replace(
        sample_edition(),
        number=number,
        newsletter=NEWSLETTER,
        cadence="weekly",
        categories=_CATEGORIES,
        since_seq=POSTS_PER_EDITION * (number - 1),
        last_cut_seq=POSTS_PER_EDITION * (number - 1),
        cut_seq=POSTS_PER_EDITION * number,
    )
    snapshot = edition_to_json(made)
    slot_id = connection.execute(
        insert(slots)
        .values(
            newsletter=NEWSLETTER,
            cadence="weekly",
            local_at=f"{due:%Y-%m-%dT%H:%M}",
            due_at=due,
            state="composed",
        )
        .returning(slots.c.id)
    ).scalar_one()
    edition_id = connection.execute(
        insert(editions)
        .values(
            slot_id=slot_id,
            newsletter=NEWSLETTER,
            cadence="weekly",
            number=number,
            cut_seq=made.cut_seq,
            state=EditionState.PAUSED if is_sending else EditionState.FINISHED,
            paused_reason="operator" if is_sending else "",
            snapshot=snapshot,
            content_hash=content_hash(snapshot),
            approved_hash=content_hash(snapshot),
            created_at=due,
            composed_at=due,
            frozen_at=due,
            first_at=due,
            finished_at=None if is_sending else due + timedelta(hours=1),
        )
        .returning(editions.c.id)
    ).scalar_one()
    variant_ids = [
        connection.execute(
            insert(variants)
            .values(
                edition_id=edition_id,
                key=f"variant {place}",
                categories=dump_categories(_CATEGORIES[:place]),
                since_seq=0,
                subject=f"The bridge is mended, week {number}",
                preheader="",
                story_count=5 - place,
                findings="[]",
            )
            .returning(variants.c.id)
        ).scalar_one()
        for place in range(VARIANTS)
    ]
    _add_deliveries(connection, edition_id, variant_ids, due, is_sending=is_sending, is_old=age > 1)
    _add_figures(connection, edition_id, due, is_sending=is_sending)


def _add_deliveries(
    connection: Connection,
    edition_id: int,
    variant_ids: Sequence[int],
    due: datetime,
    *,
    is_sending: bool,
    is_old: bool,
) -> None:
    person = subscriptions.c.person_id
    state: Any = case((person % 97 == 0, "failed"), else_="sent")
    if is_sending:
        state = case((person % 5 == 0, "pending"), (person % 1009 == 0, "deferred"), else_=state)
    is_open = state.in_(("pending", "deferred"))
    query = select(
        literal(edition_id),
        person,
        case(*((person % VARIANTS == place, each) for place, each in enumerate(variant_ids))),
        literal(0),
        time_of(due),
        state,
        case((is_open, 0), else_=1),
        case((state == "failed", "mailbox"), else_=""),
        case((state == "failed", 550), (state == "sent", 250), else_=null()),
        case((state == "failed", "no such user"), (state == "sent", "ok"), else_=""),
        case((is_open, null()), else_=time_of(due)),
        case((is_open, null()), else_=time_of(due + timedelta(seconds=30))),
        case((state == "deferred", time_of(due + timedelta(hours=2))), else_=null()),
        true(),
    ).where(subscriptions.c.newsletter == NEWSLETTER, subscriptions.c.state == "confirmed")
    if is_old:
        query = query.where(person <= OLDER)
    names = (
        "edition_id", "subscriber_id", "variant_id", "since_seq", "not_before", "state",
        "attempts", "reason", "reply_code", "reply_text", "handing_at", "ended_at", "next_at",
        "is_judged",
    )  # fmt: skip
    added = connection.execute(insert(deliveries).from_select(names, query))
    connection.execute(
        editions.update().where(editions.c.id == edition_id).values(frozen_count=added.rowcount)
    )
    connection.execute(
        variants.update()
        .where(variants.c.edition_id == edition_id)
        .values(subscribers=added.rowcount // VARIANTS)
    )


def _add_figures(
    connection: Connection, edition_id: int, due: datetime, *, is_sending: bool
) -> None:
    """Add what a real send stores beside its deliveries."""
    rows = connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.edition_id == edition_id)
        .group_by(deliveries.c.state)
    )
    counts = {state: int(count) for state, count in rows}
    sent = counts.get("sent", 0)
    if (minutes := tables.metadata.tables.get("sent_minutes")) is not None:
        parts = 60
        each = [sent // parts + (1 if place < sent % parts else 0) for place in range(parts)]
        connection.execute(
            insert(minutes),
            [
                {
                    "edition_id": edition_id,
                    "minute": due + timedelta(minutes=place),
                    "worker": "w1",
                    "mails": mails,
                }
                for place, mails in enumerate(each)
            ],
        )
    figures = tables.metadata.tables.get("edition_figures")
    if figures is not None and not is_sending:
        failed = counts.get("failed", 0)
        connection.execute(
            insert(figures).values(
                edition_id=edition_id,
                counted_at=due + timedelta(hours=1),
                sent=sent,
                failed=failed,
                unknown=0,
                skipped=0,
                reasons=json.dumps([["failed", "mailbox", failed]] if failed else []),
            )
        )


def _finish(database: Database) -> None:
    """Let the engine know what it has, as it does by itself in the course of time."""
    with database.write() as connection:
        connection.exec_driver_sql("ANALYZE")
