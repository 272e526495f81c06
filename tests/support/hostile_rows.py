"""Rows of a database with an attack in every text that a stranger can write."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from digest.models import AuditEntry
from digest.newsroom.feeds.addresses import feed_name
from digest.store.audit import add_entry
from digest.store.engine import Connection
from digest.store.tables import comments, deliveries, feeds, posts, variants
from subscribers.tables import people, person_fields
from tests.support.composing_desk import add_comments
from tests.support.desk_work import NOW, Desk
from tests.support.feed_rows import open_feed

_FEED_URL = "https://hill.example.org/feed"
#: The name of the configured feed in the address of its page.
FEED = feed_name(_FEED_URL)
_POST = "A post that nobody uses"


def add_rows(work: Desk, words: tuple[str, ...]) -> None:
    """Add posts with held comments, people, deliveries and changes, one for each of the words."""
    said = tuple((f"Reader {number}", "Said here.") for number in range(len(words)))
    work.add_posts(f"{_POST} {number}" for number in range(len(words)))
    work.add_subscribers(len(words), first=100)
    with work.app.database.write() as connection:
        open_feed(connection, _FEED_URL, now=NOW)
        add_comments(connection, f"{_POST} 0", said, held=tuple(name for name, _ in said))
        _add_deliveries(connection)
    spoil_rows(work, words)


def spoil_rows(work: Desk, words: tuple[str, ...]) -> None:
    """Write each of the words into every text of the rows that `add_rows` made."""
    with work.app.database.write() as connection:
        unused = select(posts.c.id).where(posts.c.seq > 2).order_by(posts.c.id)
        for post_id, each in zip(connection.scalars(unused).all(), words, strict=False):
            values = {"title": each, "author": each, "url": f"https://lantern.example/?{each}"}
            connection.execute(update(posts).where(posts.c.id == post_id).values(**values))
        written = select(comments.c.id).order_by(comments.c.id)
        for comment_id, each in zip(connection.scalars(written).all(), words, strict=False):
            said = {"author": each, "text": f"{each} {'and more words ' * 4}"}
            connection.execute(update(comments).where(comments.c.id == comment_id).values(**said))
        _spoil_people(connection, words)
        for number, each in enumerate(words):
            reply = {"reply_text": each, "relay": each[:200]}
            some = deliveries.c.id % len(words) == number
            connection.execute(update(deliveries).where(some).values(**reply))
            change = AuditEntry(
                at=NOW, actor="anna", action="edit", newsletter="", edition_id=2, detail=each
            )
            add_entry(connection, change)
        failing = {"title": words[0], "last_error": " ".join(words)[:2000], "failures": 9}
        connection.execute(update(feeds).values(**failing))


def _spoil_people(connection: Connection, words: tuple[str, ...]) -> None:
    connection.execute(delete(person_fields))
    ids = select(people.c.id).order_by(people.c.id)
    for person_id, each in zip(connection.scalars(ids).all(), words, strict=False):
        connection.execute(update(people).where(people.c.id == person_id).values(name=each))
        field = {"person_id": person_id, "name": "town", "value": each}
        connection.execute(insert(person_fields).values(**field))


def _add_deliveries(connection: Connection) -> None:
    """Add a mail that failed for each person."""
    variant = connection.scalar(
        insert(variants)
        .values(edition_id=1, key="hostile", since_seq=0, subject="", preheader="", story_count=1)
        .returning(variants.c.id)
    )
    for person_id in connection.scalars(select(people.c.id)).all():
        row = {"edition_id": 1, "subscriber_id": person_id, "variant_id": variant, "since_seq": 0}
        ended = {"state": "failed", "reason": "refused", "reply_code": 550}
        connection.execute(
            insert(deliveries).values(
                **row, **ended, not_before=NOW, ended_at=NOW - timedelta(minutes=1)
            )
        )
