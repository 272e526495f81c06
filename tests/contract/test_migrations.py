"""The content of a database of the first version after its upgrade to this one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from alembic import command
from sqlalchemy import Connection, insert, select, table, text
from sqlalchemy import column as named

from digest.errors import Refused
from digest.models import Actor, FeedHistory
from digest.newsroom.context import RunContext
from digest.newsroom.upgrade import upgrade as upgrade_installation
from digest.store.engine import Database
from digest.store.feeds import feed_facts
from digest.store.known_posts import history_of, known_posts
from digest.store.migrate import alembic_config, upgrade
from digest.store.refusals import list_unjudged
from digest.store.revision import REVISION
from digest.store.tables import post_categories, post_sources
from digest.store.unmailed import kept_posts
from digest.store.workers import beat, editions_being_sent
from subscribers.tables import subscriptions
from tests.support.ledger_rows import fill_ledger

FEEDS = table("feeds", named("id"), named("url"), named("added_at"))
AT = "2026-11-20 00:00:00"
POST = """
INSERT INTO posts (id, seq, feed_id, url, title, author, published_raw, published_at,
  first_seen_at, updated_at, summary_html, content_html, image_url, image_alt, content_hash,
  mailable)
VALUES (:id, :id, 1, '', 't', '', '', :at, :at, :at, '', '', '', '', '', true)
"""


@pytest.fixture
def first(empty: str) -> Iterator[Database]:
    """Return a database of version 0001 with two posts."""
    database = Database(empty)
    with database.write() as connection:
        command.upgrade(alembic_config(connection), "0001")
        connection.execute(insert(FEEDS), [{"id": 1, "url": "https://a.example", "added_at": AT}])
        for id_ in (1, 2):
            connection.execute(text(POST), {"id": id_, "at": AT})
        _add_sources(connection)
    yield database
    database.close()


def _add_sources(connection: Connection) -> None:
    keys = {1: "https://www.a.example/x/index.html?b=1&a=2", 2: "https://a.example/page#two"}
    for id_, key in keys.items():
        connection.execute(
            text("INSERT INTO post_sources VALUES (:id, 1, 'g', :key)"), {"id": id_, "key": key}
        )
        connection.execute(text("INSERT INTO post_categories VALUES (:id, 'Sea')"), {"id": id_})


def test_stored_links_are_spelled_as_they_are_compared_today(first: Database) -> None:
    upgrade(first)
    with first.read() as connection:
        rows = connection.execute(select(post_sources.c.post_id, post_sources.c.url_key)).all()
    assert {tuple(row) for row in rows} == {
        (1, "https://a.example/x?a=2&b=1"),
        (2, "https://a.example/page#two"),
    }


def test_stored_categories_are_those_of_the_feed_that_brought_the_post(first: Database) -> None:
    upgrade(first)
    with first.read() as connection:
        rows = connection.execute(select(post_categories)).all()
    assert {tuple(row) for row in rows} == {(1, 1, "Sea"), (2, 1, "Sea")}


PERSON = """
INSERT INTO people (id, public_id, address, address_key, created_at)
VALUES (:id, :id, :id, :id, '2026-11-20 00:00:00')
"""
SUBSCRIPTION = """
INSERT INTO subscriptions (person_id, newsletter, state, joined_at, consent_at, consent_how)
VALUES (:id, 'weekly', 'confirmed', :joined, :consent, :how)
"""


def test_the_day_of_an_import_is_not_taken_for_the_day_of_joining(first: Database) -> None:
    rows = [
        # Pending at the first import, confirmed by a second one.
        ("1", AT, "2026-11-21 00:00:00", "import"),
        ("2", "2026-11-21 00:00:00", "2026-11-21 00:00:00", "manual"),
        ("3", "2024-01-02 00:00:00", AT, "import"),
        ("4", "2026-11-21 00:00:00", "2026-11-21 00:00:00", "form"),
    ]
    with first.write() as connection:
        for id_, joined, consent, how in rows:
            connection.execute(text(PERSON.replace("(:id,", f"({id_},")), {"id": id_})
            values = {"joined": joined, "consent": consent, "how": how}
            connection.execute(text(SUBSCRIPTION.replace(":id", id_)), values)
    upgrade(first)
    query = select(subscriptions.c.person_id, subscriptions.c.is_joined_known)
    with first.read() as connection:
        found = {row[0]: row[1] for row in connection.execute(query)}
    assert found == {1: False, 2: False, 3: True, 4: True}


def test_subscribers_from_before_have_the_source_that_is_known(first: Database) -> None:
    with first.write() as connection:
        for id_, how in (("1", "import"), ("2", "form"), ("3", "a letter of 2019"), ("4", "")):
            connection.execute(text(PERSON.replace("(:id,", f"({id_},")), {"id": id_})
            values = {"joined": AT, "consent": AT, "how": how}
            connection.execute(text(SUBSCRIPTION.replace(":id", id_)), values)
    upgrade(first)
    query = select(subscriptions.c.person_id, subscriptions.c.source)
    with first.read() as connection:
        found = {row[0]: row[1] for row in connection.execute(query)}
    assert found == {1: "import", 2: "form", 3: "", 4: ""}


def test_posts_of_an_older_database_are_known_and_none_is_late(first: Database) -> None:
    upgrade(first)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    with first.read() as connection:
        found = known_posts(connection, 1, ["g"], [])
        history = history_of(connection, 1, late_since=now - timedelta(days=7), now=now)
        (facts,) = feed_facts(connection, ("https://a.example",))
        kept = kept_posts(connection, ("Sea",), cut_seq=9)
    assert [post.post_id for post in found] == [2, 1]
    assert history == FeedHistory(newest_at=datetime(2026, 11, 20, tzinfo=UTC))
    assert (facts.archived, facts.gap_at, kept) == (0, None, ())


def test_what_failed_before_refusals_counted_does_not_count(empty: str) -> None:
    database = Database(empty)
    with database.write() as connection:
        command.upgrade(alembic_config(connection), "0021")
    fill_ledger(database, 2)
    failed = "UPDATE deliveries SET state = 'failed', reason = 'refused' WHERE subscriber_id = :id"
    with database.write() as connection:
        connection.execute(text(failed), {"id": 1})
    upgrade(database)
    with database.write() as connection:
        assert list_unjudged(connection) == ()
        connection.execute(text(failed), {"id": 2})
        assert list_unjudged(connection) == (1,)
    database.close()


def test_an_upgrade_is_refused_while_an_edition_is_being_sent(empty: str, tmp_path: Path) -> None:
    database, before = Database(empty, state=tmp_path), f"{int(REVISION) - 1:04}"
    upgrade(database)
    fill_ledger(database, 1)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :old"), {"old": before})
    context = cast("RunContext", SimpleNamespace(unopened_database=lambda: database))
    with database.worker() as name:
        with database.write() as connection:
            beat(connection, name, 1)
        with pytest.raises(Refused, match="edition 1 is being sent; stop `digest run`"):
            upgrade_installation(context, by=Actor(name="anna"))
    # Its process has ended: what it left behind keeps no upgrade waiting.
    assert editions_being_sent(database) == ()
    database.close()
