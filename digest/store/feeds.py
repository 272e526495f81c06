"""Stored state of each feed: validators, failures, moves and times."""

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
    """The redirects of a feed."""

    #: The last target of permanent redirects; empty if there was none.
    target: str = ""
    #: How many times in a row redirects led to `target`.
    seen: int = 0
    #: The URL that is fetched since the feed moved permanently; empty: the configured URL.
    settled: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """The stored state of a feed."""

    id: int
    validators: Validators
    #: Hash of the last body read; empty before the first.
    body_hash: str
    #: Whether it was ever read without error.
    is_read: bool
    #: Number of failures in a row.
    failures: int
    last_error: str
    #: When it was last read without error; None if never.
    read_at: datetime | None = None
    #: Hash of a body that could not be read last time, for the reason in `last_error`; empty if
    #: the last reading ended otherwise.
    refused_hash: str = ""
    #: Hash of the category rules that were applied to its posts; empty before the first time.
    rules_hash: str = ""
    #: Not fetched before this time at its server's request; None if there is no such request.
    not_before: datetime | None = None
    #: When its server answered that it is permanently gone; None if it did not.
    gone_at: datetime | None = None
    #: When its complete document was last received; None if never.
    whole_at: datetime | None = None
    moves: Moves = Moves()


def open_feeds(
    connection: Connection, urls: Iterable[str], *, now: datetime
) -> dict[str, FeedState]:
    """Return the state of configured feeds, by URL; add feeds that are new."""
    wanted = tuple(urls)
    known = _states(connection)
    added = [{"url": url, "added_at": now} for url in wanted if url not in known]
    if added:
        connection.execute(insert_for(connection, feeds).on_conflict_do_nothing(), added)
        known = _states(connection)
    return {url: known[url] for url in wanted}


def was_read(connection: Connection, feed_id: int) -> bool:
    """Return whether a feed was ever read without error."""
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
            read_at=row.read_at,
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
    """Store the hash of the category rules applied to a feed's posts."""
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
    archived: int = 0,
    has_gap: bool = False,
) -> None:
    """Store that a feed's document was read, and the hash of the applied category rules.

    Args:
        connection: a connection inside a write transaction.
        feed_id: the feed's id.
        parsed: the document.
        validators: the validators for the next request.
        body_hash: the hash of the document.
        rules_hash: the hash of the applied category rules.
        now: the time of the request.
        archived: the number of its new posts that are kept as its site's archive.
        has_gap: whether posts may be missing between this document and the known posts.
    """
    if archived:
        more = update(feeds).where(feeds.c.id == feed_id)
        connection.execute(more.values(archived=feeds.c.archived + archived))
    if has_gap:
        _save(connection, feed_id, gap_at=now)
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
    """Store that a feed has nothing new.

    Args:
        connection: a connection inside a write transaction.
        feed_id: the feed's id.
        validators: the validators for the next request.
        now: the time of the request.
        is_whole: whether the complete document was received, the same as before.
    """
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
    """Count a failure; the stored data of the last success stays.

    Args:
        connection: a connection inside a write transaction.
        feed_id: the feed's id.
        reason: the cause, in one line.
        now: the time of the request.
        not_before: the earliest time for the next request; None if the server named none.
        refused_hash: the hash of a body that cannot be read; empty if there was none.
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
    """Store that a feed is permanently gone."""
    save_failure(connection, feed_id, reason, now=now)
    _save(connection, feed_id, gone_at=now)


def save_rest(connection: Connection, feed_id: int, *, not_before: datetime) -> None:
    """Store the time until which a feed's server asked for a pause in another request."""
    _save(connection, feed_id, not_before=not_before)


def save_moves(connection: Connection, feed_id: int, moves: Moves) -> None:
    """Store the redirects of a feed."""
    _save(
        connection, feed_id, moved_to=moves.target, moved_seen=moves.seen, moved_url=moves.settled
    )


#: Built once because a collection runs it for every feed.
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
    """The earlier requests of a feed, to decide when to fetch it next."""

    #: When it was last fetched; None if never.
    checked_at: datetime | None
    #: When it was last read without error; None if never.
    read_at: datetime | None
    #: Number of failures in a row.
    failures: int
    #: Not fetched before this time at its server's request; None if there is no such request.
    not_before: datetime | None
    #: When its server answered that it is permanently gone; None if it did not.
    gone_at: datetime | None
    #: The feed's own limits.
    manners: Manners


def read_tries(connection: Connection) -> dict[str, FeedTries]:
    """Return the earlier requests of each feed, by URL."""
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
    """The health of a feed, for the operator."""

    url: str
    title: str
    #: When it was last read without error; None if never.
    read_at: datetime | None
    #: Number of failures in a row.
    failures: int
    last_error: str
    #: When it was last fetched; None if never.
    checked_at: datetime | None
    #: Not fetched before this time at its server's request; None if there is no such request.
    not_before: datetime | None
    #: The last target of permanent redirects, and how many times in a row; empty if none.
    moved_to: str
    moved_seen: int
    #: The URL that is fetched since the feed moved permanently; empty: `url`.
    moved_url: str
    #: When its server answered that it is permanently gone; None if it did not.
    gone_at: datetime | None
    #: When it last had a new post; None if never or not recorded.
    new_at: datetime | None
    #: Number of posts of its archive that are kept, not mailed.
    archived: int
    #: When its document last did not reach back to a known post; None if never.
    gap_at: datetime | None


def list_feeds(connection: Connection) -> tuple[FeedHealth, ...]:
    """Return the health of every stored feed, by URL."""
    columns = (feeds.c[name] for name in FeedHealth.__slots__)
    rows = connection.execute(select(*columns).order_by(feeds.c.url)).mappings()
    return tuple(FeedHealth(**row) for row in rows)


def _dump_manners(manners: Manners) -> str:
    """Return a feed's own limits as JSON; empty if it sets none."""
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
    """Return the limits that `_dump_manners` wrote."""
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
    """Return the condition of the named feeds, by URL; feeds that are not stored are left out."""
    columns = (feeds.c[name] for name in FeedFacts.__slots__)
    rows = connection.execute(select(*columns).where(feeds.c.url.in_(urls)).order_by(feeds.c.url))
    return tuple(FeedFacts(**row) for row in rows.mappings())
