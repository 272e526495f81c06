from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update

from digest.models import Change, Picture, PictureFiles, PictureUse, PostUpdate
from digest.newsroom.context import Retention
from digest.newsroom.service.purge import purge
from digest.store import pictures, posts
from digest.store.engine import Database
from digest.store.tables import posts as posts_table
from tests.support.feed_rows import open_feed
from tests.support.parsed import NOW, parsed_post

FEED = "https://harbour.example/feed"
FERRY = "https://harbour.example/ferry.jpg"
PIER = "https://harbour.example/pier.png"


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        yield connection


def feed_id(connection: Connection, url: str = FEED) -> int:
    return open_feed(connection, url, now=NOW).id


def add_post(
    connection: Connection, name: str, image_url: str, *, category: str = "Sea", **fields: Any
) -> int:
    change = PostUpdate(
        change=Change.NEW,
        post_id=None,
        parsed=parsed_post(guid=name, url=f"https://harbour.example/{name}", image_url=image_url),
        url_key=name,
        content_hash="1",
        **fields,
    )
    return posts.save_posts(connection, feed_id(connection), [change], [category], now=NOW)[0]


def missing(connection: Connection, **changes: Any) -> tuple[str, ...]:
    asked: dict[str, Any] = {"since": NOW, "categories": {"Sea"}, "limit": 10}
    return pictures.missing_pictures(connection, feed_id(connection), **(asked | changes))


def made(use: PictureUse, content: bytes = b"bytes", media_type: str = "image/jpeg") -> Picture:
    return Picture(use=use, media_type=media_type, width=224, height=168, content=content)


BOTH = {"a" * 32: made(PictureUse.LEAD, b"large"), "b" * 32: made(PictureUse.THUMB, b"small")}


def test_pictures_of_recent_mailable_posts_are_missing_the_newest_first(
    connection: Connection,
) -> None:
    add_post(connection, "a", FERRY)
    add_post(connection, "b", PIER)
    add_post(connection, "c", FERRY)
    add_post(connection, "d", "")
    add_post(connection, "e", f"{FERRY}?backlog", is_mailable=False, reason="backlog")
    add_post(connection, "f", f"{FERRY}?land", category="Land")
    assert missing(connection) == (FERRY, PIER)
    assert missing(connection, limit=1) == (FERRY,)
    assert missing(connection, since=NOW + timedelta(seconds=1)) == ()


def test_the_picture_of_the_page_is_used_if_the_feed_has_none(connection: Connection) -> None:
    both = add_post(connection, "a", FERRY)
    bare = add_post(connection, "b", "")
    page = posts_table.c.id.in_((both, bare))
    connection.execute(update(posts_table).where(page).values(page_image_url=PIER))
    assert missing(connection) == (PIER, FERRY)


def test_a_made_picture_is_found_by_address_and_by_name(connection: Connection) -> None:
    add_post(connection, "a", FERRY)
    pictures.save_pictures(connection, FERRY, BOTH, now=NOW)
    assert missing(connection) == ()
    files = PictureFiles(lead=f"{'a' * 32}.jpg", thumb=f"{'b' * 32}.jpg")
    assert pictures.files_of(connection, [FERRY, PIER, ""]) == {FERRY: files}
    assert pictures.find_file(connection, files.lead) == pictures.StoredPicture(
        media_type="image/jpeg", content=b"large"
    )


@pytest.mark.parametrize("file", ["", ".jpg", f"{'a' * 32}", f"{'a' * 32}.png", "nobody.jpg"])
def test_no_other_name_finds_a_picture(connection: Connection, file: str) -> None:
    pictures.save_pictures(connection, FERRY, BOTH, now=NOW)
    pictures.save_failure(connection, PIER, "HTTP 404", is_final=True, now=NOW)
    assert pictures.find_file(connection, file) is None


def test_a_missing_size_is_not_requested_again(connection: Connection) -> None:
    add_post(connection, "a", FERRY)
    thumb = {"t" * 32: made(PictureUse.THUMB, media_type="image/png")}
    pictures.save_pictures(connection, FERRY, thumb, now=NOW)
    assert missing(connection) == ()
    assert pictures.files_of(connection, [FERRY])[FERRY] == PictureFiles(thumb=f"{'t' * 32}.png")


def test_a_picture_that_fails_is_tried_three_times(connection: Connection) -> None:
    add_post(connection, "a", FERRY)
    told = []
    for _ in range(3):
        assert missing(connection) == (FERRY,)
        told.append(pictures.save_failure(connection, FERRY, "down", is_final=False, now=NOW))
    assert missing(connection) == ()
    assert told == [True, False, False]
    assert pictures.files_of(connection, [FERRY]) == {}


def test_a_final_failure_is_given_up_at_once(connection: Connection) -> None:
    add_post(connection, "a", FERRY)
    assert pictures.save_failure(connection, FERRY, "a drawing", is_final=True, now=NOW)
    assert missing(connection) == ()


def test_a_picture_that_came_after_failures_is_kept(connection: Connection) -> None:
    add_post(connection, "a", FERRY)
    pictures.save_failure(connection, FERRY, "down", is_final=False, now=NOW)
    pictures.save_pictures(connection, FERRY, BOTH, now=NOW)
    assert pictures.find_file(connection, f"{'a' * 32}.jpg") is not None


def test_pictures_that_mails_may_name_are_never_replaced(connection: Connection) -> None:
    pictures.save_pictures(connection, FERRY, BOTH, now=NOW)
    others = {"c" * 32: made(PictureUse.LEAD), "d" * 32: made(PictureUse.THUMB)}
    pictures.save_pictures(connection, FERRY, others, now=NOW)
    pictures.save_failure(connection, FERRY, "down", is_final=True, now=NOW)
    assert pictures.files_of(connection, [FERRY])[FERRY].lead == f"{'a' * 32}.jpg"
    assert pictures.find_file(connection, f"{'b' * 32}.jpg") is not None


def test_a_purge_forgets_no_picture(database: Database) -> None:
    with database.write() as connection:
        pictures.save_pictures(connection, FERRY, BOTH, now=NOW)
    keep = Retention(pieces=timedelta(days=1), comments=timedelta(days=1))
    assert purge(database, keep, now=NOW + timedelta(days=4000)) is not None
    with database.read() as connection:
        assert pictures.find_file(connection, f"{'a' * 32}.jpg") is not None


def test_the_files_of_recent_posts_are_listed(connection: Connection) -> None:
    add_post(connection, "a", FERRY)
    add_post(connection, "b", PIER)
    pictures.save_pictures(connection, FERRY, BOTH, now=NOW)
    files = pictures.recent_files(connection, feed_id(connection), since=NOW, categories={"Sea"})
    assert set(files) == {f"{'a' * 32}.jpg", f"{'b' * 32}.jpg"}
