"""Stored pictures of posts: those still to be fetched, and the files made from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from digest.models import Picture, PictureFiles, PictureUse
from digest.store.dialect import insert_for
from digest.store.post_categories import is_filed
from digest.store.tables import pictures, posts

#: After this number of failures, a picture is not fetched any more.
MAX_FAILURES = 3

_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPicture:
    """The file of a picture."""

    media_type: str
    content: bytes


# --- reading ------------------------------------------------------------------------------------


def missing_pictures(
    connection: Connection,
    feed_id: int,
    *,
    since: datetime,
    categories: Collection[str],
    limit: int,
) -> tuple[str, ...]:
    """Return the URLs of pictures of a feed's mailable posts that were not fetched yet.

    Args:
        connection: a connection inside a transaction.
        feed_id: the id of the posts' first feed.
        since: the earliest `first_seen_at` of a post.
        categories: the newsletter categories; a post must be in one of them.
        limit: the maximum number; pictures of the newest posts come first.
    """
    settled = select(pictures.c.url).where(
        or_(pictures.c.name != "", pictures.c.failures >= MAX_FAILURES)
    )
    wanted = _shown_pictures(feed_id, since, categories)
    query = (
        wanted.where(_ADDRESS.not_in(settled))
        .group_by(_ADDRESS)
        .order_by(func.max(posts.c.seq).desc())
        .limit(limit)
    )
    return tuple(connection.scalars(query))


def recent_files(
    connection: Connection, feed_id: int, *, since: datetime, categories: Collection[str]
) -> tuple[str, ...]:
    """Return the names of the files made from the pictures of a feed's recent posts."""
    shown = _shown_pictures(feed_id, since, categories)
    rows = connection.execute(
        select(pictures.c.name, pictures.c.media_type)
        .where(pictures.c.url.in_(shown), pictures.c.name != "")
        .order_by(pictures.c.id)
    )
    return tuple(file_name(row.name, row.media_type) for row in rows)


def files_of(connection: Connection, urls: Collection[str]) -> dict[str, PictureFiles]:
    """Return the files made from each picture, by URL; pictures without files are left out."""
    named: dict[str, dict[str, str]] = {}
    rows = connection.execute(
        select(pictures.c.url, pictures.c.use, pictures.c.name, pictures.c.media_type).where(
            pictures.c.url.in_({url for url in urls if url}), pictures.c.name != ""
        )
    )
    for row in rows:
        named.setdefault(row.url, {})[row.use] = file_name(row.name, row.media_type)
    return {url: PictureFiles(**files) for url, files in named.items()}


def find_file(connection: Connection, file: str) -> StoredPicture | None:
    """Return the picture with this file name; None if there is none."""
    name, _, extension = file.rpartition(".")
    query = select(pictures.c.media_type, pictures.c.content).where(pictures.c.name == name)
    row = connection.execute(query).first() if name.isalnum() else None
    if row is None or row.content is None or _EXTENSIONS.get(row.media_type) != extension:
        return None
    return StoredPicture(media_type=row.media_type, content=row.content)


def file_name(name: str, media_type: str) -> str:
    """Return the file name of a picture: its random name and the extension of its type."""
    return f"{name}.{_EXTENSIONS[media_type]}"


#: The picture that a post shows: its feed's, else its page's.
_ADDRESS: ColumnElement[str] = case(
    (posts.c.image_url != "", posts.c.image_url), else_=posts.c.page_image_url
)


def _shown_pictures(feed_id: int, since: datetime, categories: Collection[str]) -> Select[Any]:
    return select(_ADDRESS).where(
        posts.c.feed_id == feed_id,
        posts.c.mailable.is_(True),
        posts.c.first_seen_at >= since,
        is_filed(categories),
        _ADDRESS != "",
    )


# --- writing ------------------------------------------------------------------------------------


def save_pictures(
    connection: Connection, url: str, made: Mapping[str, Picture], *, now: datetime
) -> None:
    """Store the files made from a picture, by random name; a missing use counts as failed.

    Files that another process has stored meanwhile stay because mails may already contain their
    names.
    """
    rows = {use: _row(url, use, now) | {"failures": MAX_FAILURES} for use in PictureUse}
    for name, picture in made.items():
        rows[picture.use] |= {
            "name": name,
            "media_type": picture.media_type,
            "width": picture.width,
            "height": picture.height,
            "content": picture.content,
            "failures": 0,
        }
    for row in rows.values():
        _upsert(connection, row)


def save_failure(
    connection: Connection, url: str, reason: str, *, is_final: bool, now: datetime
) -> bool:
    """Count a failure; return True for the first one.

    Args:
        connection: the connection of a write transaction.
        url: the picture's URL.
        reason: the cause.
        is_final: whether further attempts are useless.
        now: the time of the attempt.
    """
    before = connection.scalar(select(func.max(pictures.c.failures)).where(pictures.c.url == url))
    failures = MAX_FAILURES if is_final else (before or 0) + 1
    for use in PictureUse:
        row = _row(url, use, now) | {"failures": failures, "last_error": reason}
        _upsert(connection, row)
    return not before


def _row(url: str, use: PictureUse, now: datetime) -> dict[str, Any]:
    return {
        "url": url,
        "use": use.value,
        "name": "",
        "media_type": "",
        "width": 0,
        "height": 0,
        "content": None,
        "fetched_at": now,
        "last_error": "",
    }


def _upsert(connection: Connection, row: dict[str, Any]) -> None:
    new = insert_for(connection, pictures).values(row)
    kept = {name: value for name, value in row.items() if name not in {"url", "use"}}
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[pictures.c.url, pictures.c.use],
            set_=kept,
            where=pictures.c.name == "",
        )
    )
