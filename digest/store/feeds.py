"""What is remembered of each feed: how to ask again, and how it went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from digest.models import ParsedFeed, Validators
from digest.store.dialect import insert_for
from digest.store.tables import feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """A feed as stored."""

    id: int
    validators: Validators
    #: Hash of the last body read; empty before the first.
    body_hash: str
    #: Whether it was ever read without error.
    is_read: bool
    #: Failures in a row.
    failures: int
    last_error: str


def open_feeds(
    connection: Connection, urls: Iterable[str], *, now: datetime
) -> dict[str, FeedState]:
    """Give the state of configured feeds, by address; those not seen before are added."""
    wanted = tuple(urls)
    known = _states(connection)
    added = [{"url": url, "added_at": now} for url in wanted if url not in known]
    if added:
        connection.execute(insert_for(connection, feeds).on_conflict_do_nothing(), added)
        known = _states(connection)
    return {url: known[url] for url in wanted}


def open_feed(connection: Connection, url: str, *, now: datetime) -> FeedState:
    """Give the state of one configured feed; one not seen before is added."""
    return open_feeds(connection, (url,), now=now)[url]


def was_read(connection: Connection, feed_id: int) -> bool:
    """Whether a feed was ever read without error."""
    read_at = connection.scalar(select(feeds.c.read_at).where(feeds.c.id == feed_id))
    return read_at is not None


def _states(connection: Connection) -> dict[str, FeedState]:
    return {
        row.url: FeedState(
            id=row.id,
            validators=Validators(etag=row.etag, last_modified=row.last_modified),
            body_hash=row.body_hash,
            is_read=row.read_at is not None,
            failures=row.failures,
            last_error=row.last_error,
        )
        for row in connection.execute(select(feeds))
    }


def save_feed(
    connection: Connection,
    feed_id: int,
    parsed: ParsedFeed,
    *,
    validators: Validators,
    body_hash: str,
    now: datetime,
) -> None:
    """Remember a document that was read."""
    connection.execute(
        update(feeds)
        .where(feeds.c.id == feed_id)
        .values(
            title=parsed.title,
            format=parsed.format,
            body_hash=body_hash,
            **_read_at(now, validators),
        )
    )


def save_unchanged(
    connection: Connection, feed_id: int, *, validators: Validators, now: datetime
) -> None:
    """Remember that a feed answered, with nothing new."""
    connection.execute(
        update(feeds).where(feeds.c.id == feed_id).values(**_read_at(now, validators))
    )


def save_failure(connection: Connection, feed_id: int, reason: str, *, now: datetime) -> None:
    """Count a failure; what was read before stays."""
    connection.execute(
        update(feeds)
        .where(feeds.c.id == feed_id)
        .values(checked_at=now, failures=feeds.c.failures + 1, last_error=reason)
    )


def _read_at(now: datetime, validators: Validators) -> dict[str, object]:
    return {
        "checked_at": now,
        "read_at": now,
        "failures": 0,
        "last_error": "",
        "etag": validators.etag,
        "last_modified": validators.last_modified,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTries:
    """When a feed was asked, for deciding when to ask again."""

    checked_at: datetime | None
    #: Last time it was read without error; None: never.
    read_at: datetime | None
    #: Failures in a row.
    failures: int


def read_tries(connection: Connection) -> dict[str, FeedTries]:
    """Give when each feed was asked, by address."""
    rows = connection.execute(
        select(feeds.c.url, feeds.c.checked_at, feeds.c.read_at, feeds.c.failures)
    )
    return {url: FeedTries(checked_at=at, read_at=read, failures=n) for url, at, read, n in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """How a feed does, for the operator."""

    url: str
    title: str
    #: Last time it was read without error; None: never.
    read_at: datetime | None
    #: Failures in a row.
    failures: int
    last_error: str


def list_feeds(connection: Connection) -> tuple[FeedHealth, ...]:
    """Give the health of every feed that was ever asked, by address."""
    columns = (feeds.c[name] for name in FeedHealth.__slots__)
    rows = connection.execute(select(*columns).order_by(feeds.c.url)).mappings()
    return tuple(FeedHealth(**row) for row in rows)
