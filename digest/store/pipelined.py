"""The usual group of marks on PostgreSQL, in one round trip to the server and back.

The lock, and then the outcomes and the new marks with their numbers, travel together as one
transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    Dialect,
    Integer,
    Select,
    String,
    Text,
    bindparam,
    func,
    literal_column,
    select,
)

from digest.store.deliveries import Sent, ending, marking
from digest.store.dialect import Arrays, FixedStatement, encode_numbers, insert_into, stored_time
from digest.store.figures import minute_of
from digest.store.tables import deliveries, handed, sent_minutes
from subscribers.columns import UtcDateTime

#: A statement for the driver, with the values of its parameters.
Statement = tuple[str, Mapping[str, Any]]


def marks_of(
    dialect: Dialect,
    sent: Collection[Sent],
    delivery_ids: Collection[int],
    worker: str,
    edition: int,
    now: datetime,
) -> Statement:
    """Return the statement of a group: it marks rows as being handed over where they may be.

    It adds to the worker's number of mails. With accepted mails it also stores these, and their
    number in this minute; it is one statement because each costs the sender and the server as much
    as two of its rows. Its rows are the ids of the marked deliveries.
    """
    values = {
        "rows": encode_numbers(dialect, delivery_ids),
        "by": worker,
        "edition": edition,
        "now": stored_time(dialect, now),
    }
    if not sent:
        return _marking(dialect).sql, values
    values |= _SENT.encode(sent) | {"minute": stored_time(dialect, minute_of(now))}
    return _recording(dialect).sql, values


@cache
def _marking(dialect: Dialect) -> FixedStatement:
    marked = marking(dialect).cte("marked")
    found = select(marked.c.id).add_cte(_counting_handed(dialect, marked))
    return FixedStatement(found, dialect, *_OF_MARKS)


@cache
def _recording(dialect: Dialect) -> FixedStatement:
    said, marked = _SENT.table().c, marking(dialect).cte("marked")
    end = ending(said.id, said.code, said.text, said.relay)
    ended = end.returning(deliveries.c.id).cte("ended")
    found = select(marked.c.id).add_cte(
        _counting_handed(dialect, marked), _counting_sent(dialect, ended)
    )
    return FixedStatement(found, dialect, *_OF_MARKS, *_SENT.names, "minute")


def _counting_handed(dialect: Dialect, marked: CTE) -> CTE:
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
    return counted.cte("counted_handed")


def _counting_sent(dialect: Dialect, ended: CTE) -> CTE:
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
    return counted.cte("counted_sent")


#: Accepted mails, as `Sent`.
_SENT = Arrays(id=Integer(), code=Integer(), text=Text(), relay=String())
#: The parameters of a statement that marks.
_OF_MARKS = ("rows", "by", "edition", "now")
