"""The usual group of marks on PostgreSQL, in one round trip to the server and back.

BEGIN, the lock, the outcomes, the new marks with their count, and COMMIT travel together; the
server does one after the other, and none after one that failed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Integer, Select, bindparam, func, literal_column, select

from digest.store.deliveries import Sent, ending, marking, sent_rows
from digest.store.dialect import FixedStatement, encode_numbers, insert_into, stored_time
from digest.store.figures import minute_of
from digest.store.tables import handed, sent_minutes
from subscribers.columns import UtcDateTime


def record_and_count(
    connection: Connection, sent: Collection[Sent], worker: str, edition: int, now: datetime
) -> None:
    """Store that mails were accepted, and add their number to those of this minute."""
    if sent:
        _ending(connection.dialect).run(
            connection,
            **sent_rows(connection.dialect).encode(sent),
            by=worker,
            edition=edition,
            now=stored_time(connection.dialect, now),
            minute=stored_time(connection.dialect, minute_of(now)),
        )


@cache
def _ending(dialect: Dialect) -> FixedStatement:
    ended = ending(dialect).cte("ended")
    number: Select[Any, Any, Any, Any] = select(
        bindparam("edition", type_=Integer),
        bindparam("minute", type_=UtcDateTime()),
        bindparam("by"),
        func.count(),
    ).select_from(ended)
    start = insert_into(dialect.name, sent_minutes).from_select(
        ["edition_id", "minute", "worker", "mails"],
        number.having(func.count() > literal_column("0")),
    )
    counted = start.on_conflict_do_update(
        index_elements=[sent_minutes.c.edition_id, sent_minutes.c.minute, sent_minutes.c.worker],
        set_={"mails": sent_minutes.c.mails + start.excluded.mails},
    )
    found = select(ended.c.id).add_cte(counted.cte("counted"))
    names = (*sent_rows(dialect).names, "by", "edition", "now", "minute")
    return FixedStatement(found, dialect, *names)


def mark_and_count(
    connection: Connection, delivery_ids: Collection[int], worker: str, edition: int, now: datetime
) -> Any:
    """Mark rows as being handed over where they may be, and add to the worker's number of mails.

    Returns:
        The cursor, which has the ids of the marked rows after the end of the pipeline.
    """
    at = stored_time(connection.dialect, now)
    rows = encode_numbers(connection.dialect, delivery_ids)
    statement = _statement(connection.dialect)
    return statement.run(connection, rows=rows, by=worker, edition=edition, now=at)


@cache
def _statement(dialect: Dialect) -> FixedStatement:
    marked = marking(dialect).cte("marked")
    now = bindparam("now", type_=UtcDateTime())
    number: Select[Any, Any, Any, Any] = select(
        bindparam("by"), bindparam("edition", type_=Integer), func.count(), now
    ).select_from(marked)
    start = insert_into(dialect.name, handed).from_select(
        ["worker", "edition_id", "mails", "last_at"],
        number.having(func.count() > literal_column("0")),
    )
    added = {"mails": handed.c.mails + start.excluded.mails, "last_at": start.excluded.last_at}
    counted = start.on_conflict_do_update(index_elements=[handed.c.worker], set_=added)
    found = select(marked.c.id).add_cte(counted.cte("counted"))
    return FixedStatement(found, dialect, "rows", "by", "edition", "now")
