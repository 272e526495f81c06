from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from digest.newsroom.context import Retention
from digest.newsroom.service.purge import Purged, purge
from digest.store.engine import Database
from digest.store.tables import comment_sources, comments, deliveries, editions, posts, variants
from digest.store.tables import feeds as feeds_table
from tests.support.ledger_rows import fill_ledger

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KEEP = Retention(pieces=90 * DAY, comments=365 * DAY)
#: One edition with one variant, and two comments, one a year old.
ONE_OF_EACH = Purged(pieces=1, comments=1)


@pytest.fixture
def database(database: Database) -> Database:
    """Return an edition that was finished 91 days ago, with comments of today and of last year."""
    fill_ledger(database, 3)
    with database.write() as connection:
        finished = {"state": "finished", "finished_at": NOW - 91 * DAY}
        connection.execute(update(editions).values(finished))
        connection.execute(insert(feeds_table).values(id=1, url="f", added_at=NOW))
        words = ("url", "title", "author", "published_raw", "summary_html", "content_html")
        texts = dict.fromkeys((*words, "image_url", "image_alt", "content_hash"), "")
        times = dict.fromkeys(("published_at", "first_seen_at", "updated_at"), NOW - 366 * DAY)
        connection.execute(
            insert(posts).values(id=1, seq=1, feed_id=1, mailable=True, **texts, **times)
        )
        connection.execute(insert(comment_sources).values(id=1, post_id=1, url="c"))
        for number, age in ((1, 366 * DAY), (2, DAY)):
            connection.execute(
                insert(comments).values(
                    post_id=1,
                    source_id=1,
                    external_id=str(number),
                    parent_external_id="",
                    author="Anna",
                    text="Well said.",
                    kind="comment",
                    url="",
                    first_seen_at=NOW - age,
                )
            )
    return database


def test_old_data_is_purged_and_the_rest_stays(database: Database) -> None:
    assert purge(database, KEEP, now=NOW) == ONE_OF_EACH
    with database.read() as connection:
        assert connection.execute(select(comments.c.external_id)).scalars().all() == ["2"]
        assert connection.execute(select(variants.c.pieces)).scalars().all() == [None]
        assert len(connection.execute(select(editions)).all()) == 1
        assert len(connection.execute(select(deliveries)).all()) == 3


def test_an_edition_that_is_not_finished_keeps_its_mails(database: Database) -> None:
    with database.write() as connection:
        connection.execute(update(editions).values(state="sending", finished_at=None))
    assert purge(database, KEEP, now=NOW) == Purged(pieces=0, comments=1)


def test_the_purge_runs_once_a_day(database: Database) -> None:
    assert purge(database, KEEP, now=NOW) == ONE_OF_EACH
    assert purge(database, KEEP, now=NOW + 23 * timedelta(hours=1)) is None
    assert purge(database, KEEP, now=NOW + DAY) == Purged(pieces=0, comments=0)


def test_a_clock_set_back_does_not_stop_the_purge(database: Database) -> None:
    assert purge(database, KEEP, now=NOW + 9 * DAY) == ONE_OF_EACH
    assert purge(database, KEEP, now=NOW) == Purged(pieces=0, comments=0)
