"""The ledger during a send: hand over and record; rows are claimed in `digest.store.claims`.

Every write names the expected state and worker, so that a late worker cannot change rows that
are not its own any more. Addresses are not stored here; they are read at the claim.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Integer,
    String,
    Text,
    Update,
    and_,
    bindparam,
    case,
    exists,
    or_,
    text,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from digest.models import DeliveryState, EditionState
from digest.store.audience import is_mailable
from digest.store.dialect import (
    FixedStatement,
    encode_numbers,
    is_one_of,
    stored_time,
)
from digest.store.tables import deliveries, editions
from subscribers.columns import UtcDateTime
from subscribers.tables import people, subscriptions

#: The rows in the index `deliveries_open`: deliveries that have not ended.
IS_OPEN = deliveries.c.ended_at.is_(None)
#: Those that wait for their first turn, and those that a worker has. The conditions before the
#: state say the same to the index, which a mark need not change because it has no state.
IS_PENDING = and_(
    IS_OPEN,
    deliveries.c.next_at.is_(None),
    deliveries.c.worker == "",
    deliveries.c.state == DeliveryState.PENDING,
)
IS_HELD = and_(
    IS_OPEN,
    deliveries.c.next_at.is_(None),
    deliveries.c.worker > "",
    deliveries.c.state.in_((DeliveryState.CLAIMED, DeliveryState.HANDING)),
)
#: The rows in the index `deliveries_deferred`; as text, because SQLite compares it as written.
IS_DEFERRED = text("deliveries.state = 'deferred'")

#: The states for which the worker may still record an outcome. `unknown`: the worker was taken for
#: dead, but the answer came after all.
IN_HAND = (DeliveryState.CLAIMED, DeliveryState.HANDING, DeliveryState.UNKNOWN)


# Statements that run for every mail are built once, with these parameters.
NOW = bindparam("now", type_=UtcDateTime())
IS_ONE_OF = deliveries.c.id.in_(bindparam("ids", expanding=True))


# --- hand over and record -----------------------------------------------------------------------


class NotAllMarkedError(Exception):
    """Some rows must not be sent; their transaction is to be rolled back and done again."""


class Mark(Protocol):
    """`mark_handing`, or `mark_all_handing`."""

    def __call__(
        self, connection: Connection, delivery_ids: Collection[int], worker: str, *, now: datetime
    ) -> frozenset[int]:
        """Mark rows as being handed over; return the ids of those that may be sent."""


def mark_handing(
    connection: Connection, delivery_ids: Collection[int], worker: str, *, now: datetime
) -> frozenset[int]:
    """Mark rows as being handed over; return the ids of those that may be sent.

    The same statement checks again whether the subscriber has left or is suppressed; such rows
    become `skipped`. If the edition was paused meanwhile, none may be sent; the rows stay claimed
    until their worker releases them.
    """
    if not delivery_ids:
        return frozenset()
    statements = _statements(connection.dialect)
    values = _of_group(connection, delivery_ids, worker, now)
    handing = frozenset(row[0] for row in statements.mark.run(connection, **values).fetchall())
    if len(handing) < len(delivery_ids):
        statements.skip_suppressed.run(connection, **values)
        statements.skip_left.run(connection, **values)
    return handing


def mark_all_handing(
    connection: Connection, delivery_ids: Collection[int], worker: str, *, now: datetime
) -> frozenset[int]:
    """Do the same if all of them may be sent; faster, because only their number is returned.

    Raises:
        NotAllMarkedError: some may not, and it is not known which.
    """
    if delivery_ids:
        statement = _statements(connection.dialect).mark_all
        values = _of_group(connection, delivery_ids, worker, now)
        if statement.run(connection, **values).rowcount != len(delivery_ids):
            raise NotAllMarkedError
    return frozenset(delivery_ids)


def _of_group(
    connection: Connection, delivery_ids: Collection[int], worker: str, now: datetime
) -> dict[str, Any]:
    """Return the parameters of the statements of a group."""
    return {
        "rows": encode_numbers(connection.dialect, delivery_ids),
        "by": worker,
        "now": stored_time(connection.dialect, now),
    }


def record_sent(
    connection: Connection, sent: Collection[Sent], worker: str, *, now: datetime
) -> int:
    """Store that mails were accepted; rows that are not this worker's any more do not change.

    Returns:
        The number of rows that changed.
    """
    if not sent:
        return 0
    at = stored_time(connection.dialect, now)
    rows = (
        {"id": key, "code": code, "text": text, "relay": relay, "by": worker, "now": at}
        for key, code, text, relay in sent
    )
    return int(_statements(connection.dialect).sent.run_each(connection, rows).rowcount)


class Sent(NamedTuple):
    """One mail that a relay accepted."""

    delivery_id: int
    reply_code: int | None
    reply_text: str
    #: `host:port`; empty for a folder.
    relay: str


#: The parameters of the statements of a group.
_OF_GROUPS = ("rows", "by", "now")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statements:
    """The statements that run for every group of mails."""

    mark: FixedStatement
    mark_all: FixedStatement
    sent: FixedStatement
    skip_suppressed: FixedStatement
    skip_left: FixedStatement


@cache
def _statements(dialect: Dialect) -> _Statements:
    """Return the statements of an engine; built once because a send runs them all the time."""
    is_mine = _is_mine(dialect)
    is_gone = and_(is_mine, ~_is_subscriber_mailable())
    mark = _mark(is_mine)
    return _Statements(
        mark=FixedStatement(mark.returning(deliveries.c.id), dialect, *_OF_GROUPS),
        mark_all=FixedStatement(mark, dialect, *_OF_GROUPS),
        sent=FixedStatement(
            ending(
                bindparam("id", type_=Integer),
                bindparam("code", type_=Integer),
                bindparam("text", type_=Text),
                bindparam("relay", type_=String),
            ),
            dialect,
            *("id", "code", "text", "relay", "by", "now"),
        ),
        skip_suppressed=FixedStatement(
            skip_rows(and_(is_gone, _is_suppressed()), "suppressed"), dialect, *_OF_GROUPS
        ),
        skip_left=FixedStatement(skip_rows(is_gone, "left"), dialect, *_OF_GROUPS),
    )


def ending(
    key: ColumnElement[int],
    code: ColumnElement[int],
    text: ColumnElement[str],
    relay: ColumnElement[str],
) -> Update:
    """Return the statement that stores an accepted mail, whose values are those of `Sent`."""
    return (
        update(deliveries)
        .where(
            deliveries.c.id == key,
            deliveries.c.worker == bindparam("by"),
            or_(*(deliveries.c.state == state for state in IN_HAND)),
        )
        .values(
            state=DeliveryState.SENT,
            reason="",
            reply_code=code,
            reply_text=kept_text(text),
            relay=relay,
            next_at=None,
            ended_at=NOW,
            attempts=deliveries.c.attempts + 1,
        )
    )


def marking(dialect: Dialect) -> ReturningUpdate[Any]:
    """Return the statement that marks rows and returns their ids, as a part of another."""
    return _mark(_is_mine(dialect)).returning(deliveries.c.id)


def _mark(is_mine: ColumnElement[bool]) -> Update:
    return (
        update(deliveries)
        .where(is_mine, _is_subscriber_mailable(editions.c.state == EditionState.SENDING))
        .values(state=DeliveryState.HANDING, handing_at=NOW)
    )


def _is_mine(dialect: Dialect) -> ColumnElement[bool]:
    return and_(
        is_one_of(dialect.name, deliveries.c.id, "rows"),
        deliveries.c.worker == bindparam("by"),
        deliveries.c.state == DeliveryState.CLAIMED,
    )


def kept_text(text: ColumnElement[str]) -> ColumnElement[str]:
    """Return a reply's text as stored; nothing for an erased person (`digest.store.persons`).

    Relays repeat addresses.
    """
    return case((deliveries.c.subscriber_id < 0, ""), else_=text)


def _is_subscriber_mailable(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return whether the subscriber may be mailed; with conditions of the edition too."""
    return exists().where(
        editions.c.id == deliveries.c.edition_id,
        people.c.id == deliveries.c.subscriber_id,
        subscriptions.c.person_id == deliveries.c.subscriber_id,
        subscriptions.c.newsletter == editions.c.newsletter,
        is_mailable(),
        *conditions,
    )


def _is_suppressed() -> ColumnElement[bool]:
    return exists().where(people.c.id == deliveries.c.subscriber_id, people.c.suppressed != "")


def skip_rows(which: ColumnElement[bool], reason: str) -> Update:
    """Return the statement that ends rows as skipped, with its parameter `now`."""
    return (
        update(deliveries)
        .where(which)
        .values(state=DeliveryState.SKIPPED, reason=reason, worker="", ended_at=NOW)
    )


def give_back(*which: ColumnElement[bool]) -> Update:
    """Return the statement by which claimed rows wait again, and no worker has them.

    A row that was never tried becomes `pending`; one that was tried is `deferred` and due at once,
    so that rows never tried still go before it.
    """
    was_tried = deliveries.c.attempts > 0
    return (
        update(deliveries)
        .where(*which, deliveries.c.state == DeliveryState.CLAIMED)
        .values(
            state=case(
                (was_tried, DeliveryState.DEFERRED.value), else_=DeliveryState.PENDING.value
            ),
            next_at=case((was_tried, deliveries.c.claimed_at)),
            worker="",
            claimed_at=None,
        )
    )
