"""What is remembered of each feed: how to ask again, and how it went."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from digest.models import FeedFacts, Manners, ParsedFeed, Validators
from digest.store.dialect import insert_for
from digest.store.tables import feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Where a feed has gone."""

    #: Where permanent redirects led last time; empty: nowhere.
    target: str = ""
    #: How many times in a row.
    seen: int = 0
    #: Where it is asked for since it moved for good; empty: at its own address.
    settled: str = ""


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
    #: Hash of the body that could not be read last time, for the reason in `last_error`; empty: the
    #: last turn ended otherwise.
    refused_hash: str = ""
    #: Of the rules by which its posts were filed; empty before the first.
    rules_hash: str = ""
    #: Until then its server wants to be left alone; None: it does not say so.
    not_before: datetime | None = None
    #: When it answered that it is gone for good; None: it did not.
    gone_at: datetime | None = None
    #: The last time it came whole; None: never.
    whole_at: datetime | None = None
    moves: Moves = Moves()


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


def was_read(connection: Connection, feed_id: int) -> bool:
    """Whether a feed was ever read without error."""
    return connection.scalar(_READ_AT, {"which": feed_id}) is not None


_READ_AT = select(feeds.c.read_at).where(feeds.c.id == bindparam("which"))


def _states(connection: Connection) -> dict[str, FeedState]:
    return {
        row.url: FeedState(
            id=row.id,
            validators=Validators(etag=row.etag, last_modified=row.last_modified),
            body_hash=row.body_hash,
            is_read=row.read_at is not None,
            failures=row.failures,
            last_error=row.last_error,
            refused_hash=row.refused_hash,
            rules_hash=row.rules_hash,
            not_before=row.not_before,
            gone_at=row.gone_at,
            whole_at=row.whole_at,
            moves=Moves(target=row.moved_to, seen=row.moved_seen, settled=row.moved_url),
        )
        for row in connection.execute(select(feeds))
    }


def save_rules(connection: Connection, feed_id: int, rules_hash: str) -> None:
    """Remember by which rules a feed's posts are filed."""
    _save(connection, feed_id, rules_hash=rules_hash)


def save_feed(
    connection: Connection,
    feed_id: int,
    parsed: ParsedFeed,
    *,
    validators: Validators,
    body_hash: str,
    rules_hash: str,
    now: datetime,
) -> None:
    """Remember a document that was read, and by which rules its posts were filed."""
    _save(
        connection,
        feed_id,
        title=parsed.title,
        format=parsed.format,
        body_hash=body_hash,
        manners=_dump_manners(parsed.manners),
        rules_hash=rules_hash,
        whole_at=now,
        **_read_at(now, validators),
    )


def save_unchanged(
    connection: Connection,
    feed_id: int,
    *,
    validators: Validators,
    now: datetime,
    is_whole: bool = False,
) -> None:
    """Remember that a feed answered, with nothing new; `is_whole`: with the same document again."""
    whole = {"whole_at": now} if is_whole else {}
    _save(connection, feed_id, **_read_at(now, validators), **whole)


def save_failure(
    connection: Connection,
    feed_id: int,
    reason: str,
    *,
    now: datetime,
    not_before: datetime | None = None,
    refused_hash: str = "",
) -> None:
    """Count a failure; what was read before stays.

    Args:
        connection: inside a write.
        feed_id: which failed.
        reason: in one line.
        now: the time.
        not_before: until then its server wants to be left alone.
        refused_hash: of the body that cannot be read; empty: there was none.
    """
    connection.execute(
        update(feeds)
        .where(feeds.c.id == feed_id)
        .values(
            checked_at=now,
            failures=feeds.c.failures + 1,
            last_error=reason,
            not_before=not_before,
            refused_hash=refused_hash,
        )
    )


def save_gone(connection: Connection, feed_id: int, reason: str, *, now: datetime) -> None:
    """Remember that a feed is gone for good."""
    save_failure(connection, feed_id, reason, now=now)
    _save(connection, feed_id, gone_at=now)


def save_rest(connection: Connection, feed_id: int, *, not_before: datetime) -> None:
    """Remember that a feed's server wants to be left alone, as it said to another request."""
    _save(connection, feed_id, not_before=not_before)


def save_moves(connection: Connection, feed_id: int, moves: Moves) -> None:
    """Remember where a feed has gone."""
    _save(
        connection, feed_id, moved_to=moves.target, moved_seen=moves.seen, moved_url=moves.settled
    )


#: Built once, for a collection says it of every feed.
_ONE_FEED = update(feeds).where(feeds.c.id == bindparam("which"))


def _save(connection: Connection, feed_id: int, **values: object) -> None:
    connection.execute(_ONE_FEED, values | {"which": feed_id})


def _read_at(now: datetime, validators: Validators) -> dict[str, object]:
    return {
        "checked_at": now,
        "read_at": now,
        "failures": 0,
        "last_error": "",
        "refused_hash": "",
        "not_before": None,
        "gone_at": None,
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
    #: Until then its server wants to be left alone.
    not_before: datetime | None
    #: When it answered that it is gone for good; None: it did not.
    gone_at: datetime | None
    #: What it says of itself.
    manners: Manners


def read_tries(connection: Connection) -> dict[str, FeedTries]:
    """Give when each feed was asked, by address."""
    return {row.url: _tries_of(row) for row in connection.execute(select(feeds))}


def _tries_of(row: Row[Any]) -> FeedTries:
    return FeedTries(
        checked_at=row.checked_at,
        read_at=row.read_at,
        failures=row.failures,
        not_before=row.not_before,
        gone_at=row.gone_at,
        manners=_load_manners(row.manners),
    )


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
    #: Last time it was asked; None: never.
    checked_at: datetime | None
    #: Not asked before; None: no such wish.
    not_before: datetime | None
    #: Where permanent redirects led, and how many times in a row; empty: nowhere.
    moved_to: str
    moved_seen: int
    #: Where it is asked for since it moved for good; empty: at `url`.
    moved_url: str
    #: When it answered that it is gone for good; None: it did not.
    gone_at: datetime | None
    #: The last time it brought a new post; None: never, or not noted.
    new_at: datetime | None


def list_feeds(connection: Connection) -> tuple[FeedHealth, ...]:
    """Give the health of every feed that was ever asked, by address."""
    columns = (feeds.c[name] for name in FeedHealth.__slots__)
    rows = connection.execute(select(*columns).order_by(feeds.c.url)).mappings()
    return tuple(FeedHealth(**row) for row in rows)


def _dump_manners(manners: Manners) -> str:
    """Give them as JSON; empty where the feed says nothing."""
    if manners == Manners():
        return ""
    interval = manners.min_interval
    return json.dumps(
        {
            "min_interval_s": interval.total_seconds() if interval else None,
            "skip_hours": sorted(manners.skip_hours),
            "skip_days": sorted(manners.skip_days),
        }
    )


def _load_manners(written: str) -> Manners:
    """Give what `_dump_manners` wrote."""
    if not written:
        return Manners()
    stored = json.loads(written)
    interval_s = stored["min_interval_s"]
    return Manners(
        min_interval=timedelta(seconds=interval_s) if interval_s else None,
        skip_hours=frozenset(stored["skip_hours"]),
        skip_days=frozenset(stored["skip_days"]),
    )


def feed_facts(connection: Connection, urls: Sequence[str]) -> tuple[FeedFacts, ...]:
    """Give how the named feeds do, by address; those that were never asked are left out."""
    columns = (feeds.c[name] for name in FeedFacts.__slots__)
    rows = connection.execute(select(*columns).where(feeds.c.url.in_(urls)).order_by(feeds.c.url))
    return tuple(FeedFacts(**row) for row in rows.mappings())
