"""The ledger during a send: which rows are due, and a worker's claims of them.

Addresses are not stored in the ledger; they are read at the claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple, overload

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Integer,
    Select,
    TextClause,
    and_,
    bindparam,
    select,
    update,
)

from digest.errors import CorruptStoreError
from digest.models import Delivery, DeliveryState, EditionState, Recipient
from digest.store.attempts import PUT_OFF
from digest.store.deliveries import IS_DEFERRED, IS_ONE_OF, IS_PENDING, NOW, skip_rows
from digest.store.dialect import FixedStatement, encode_numbers, is_one_of, stored_time, time_reader
from digest.store.tables import deliveries, editions, variants
from subscribers.columns import DamagedValueError, UtcDateTime
from subscribers.fieldvalues import read_fields_of
from subscribers.tables import people, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A batch of deliveries claimed by one worker."""

    deliveries: Sequence[Delivery]
    #: The number of subscribers who have left or are suppressed; their rows were skipped.
    skipped: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing was due."""
        return not self.deliveries and not self.skipped


def claim_due(
    connection: Connection,
    edition_id: int,
    worker: str,
    *,
    now: datetime,
    most: int = 500,
    most_new: int | None = None,
    longest_wait: timedelta = timedelta.max,
) -> Claim:
    """Claim due rows for `worker`; skip those whose subscriber has left.

    Rows never tried go first, by their hour; then the others, by the time of their next try.

    Args:
        connection: a transaction of marks.
        edition_id: the edition.
        worker: the worker's name.
        now: the time.
        most: rows to claim, at most.
        most_new: rows never tried, at most; None: no limit of their own.
        longest_wait: a next try that is further ahead was planned by a clock that was set back
            since; it is due.
    """
    statements, at = _statements(connection.dialect), partial(stored_time, connection.dialect)
    new = most if most_new is None else min(most, most_new)
    due = {"edition": edition_id, "now": at(now), "most": new}
    found = statements.due_new.run(connection, **due).fetchall() if new else ()
    if not found:
        far = now + longest_wait if longest_wait < timedelta.max else _NEVER
        due["most"] = most
        found = statements.due_again.run(connection, **due).fetchall()
        if not found:
            del due["now"]
            found = statements.far_ahead.run(connection, **due, far=at(far)).fetchall()
    rows = [_Row._make(each) for each in found]
    taken = [row for row in rows if not row.why_gone]
    if len(taken) < len(rows):
        _skip(connection, rows, now)
    ids = encode_numbers(connection.dialect, (row.id for row in taken))
    statements.claim.run(connection, rows=ids, by=worker, now=at(now))
    own = _own_values(connection, taken)
    return Claim(
        deliveries=_Claimed(taken, own, time_reader(connection.dialect)),
        skipped=len(rows) - len(taken),
    )


class _Row(NamedTuple):
    """A due row with its subscriber, as the driver returns it."""

    id: int
    edition_id: int
    variant_id: int
    subscriber_id: int
    not_before: Any
    attempts: int
    reopened_at: Any
    public_id: str
    address: str
    name: str
    suppressed: str
    #: The state of the subscription; None if there is none.
    subscription: str | None
    joined_at: Any
    is_joined_known: bool
    language: str
    #: Names of the fields that the mail prints, separated by commas.
    fields: str

    @property
    def why_gone(self) -> str:
        """Why the subscriber gets no mail; empty for one who does."""
        if self.suppressed:
            return "suppressed"
        return "" if self.subscription == "confirmed" else "left"


def _skip(connection: Connection, rows: Sequence[_Row], now: datetime) -> None:
    """End the rows whose subscribers get no mail."""
    for reason, statement in _SKIP_GONE.items():
        if ids := [row.id for row in rows if row.why_gone == reason]:
            connection.execute(statement, {"ids": ids, "now": now})


def _own_values(connection: Connection, rows: Sequence[_Row]) -> dict[int, dict[str, str]]:
    """Return the values of the fields that the rows' mails print, by the subscriber's id."""
    names = {name for row in rows if row.fields for name in row.fields.split(",")}
    if not names:
        return {}
    own = read_fields_of(connection, [row.subscriber_id for row in rows], names)
    if "name" in names:
        for row in rows:
            own.setdefault(row.subscriber_id, {})["name"] = row.name
    return own


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statements:
    """The statements of every claim."""

    due_new: FixedStatement
    due_again: FixedStatement
    far_ahead: FixedStatement
    claim: FixedStatement


#: The orders in which rows are due. The index of open rows begins with `next_at`, which rows that
#: were never tried do not have.
_BY_HOUR = (deliveries.c.next_at, deliveries.c.not_before)
_BY_NEXT_TRY = (deliveries.c.next_at,)


@cache
def _statements(dialect: Dialect) -> _Statements:
    never_tried = _due(IS_PENDING, _BY_HOUR, deliveries.c.not_before <= NOW)
    again, far = (
        _due(IS_DEFERRED, _BY_NEXT_TRY, is_due)
        for is_due in (deliveries.c.next_at <= NOW, deliveries.c.next_at > _FAR)
    )
    claim = (
        update(deliveries)
        .where(is_one_of(dialect.name, deliveries.c.id, "rows"))
        .values(state=DeliveryState.CLAIMED, worker=bindparam("by"), claimed_at=NOW, next_at=None)
    )
    due = ("edition", "now", "most")
    return _Statements(
        due_new=FixedStatement(never_tried, dialect, *due),
        due_again=FixedStatement(again, dialect, *due),
        far_ahead=FixedStatement(far, dialect, "edition", "most", "far"),
        claim=FixedStatement(claim, dialect, "rows", "by", "now"),
    )


def _due(
    is_waiting: ColumnElement[bool] | TextClause,
    order: Sequence[ColumnElement[Any]],
    is_due: ColumnElement[bool],
) -> Select[Any]:
    return (
        _with_subscriber()
        .where(
            is_waiting,
            deliveries.c.edition_id == bindparam("edition"),
            is_due,
            editions.c.state == EditionState.SENDING,
        )
        .order_by(*order, deliveries.c.id)
        .limit(bindparam("most", type_=Integer))
        # No effect on SQLite, where the write lock is held; on PostgreSQL, workers skip rows that
        # another worker has locked.
        .with_for_update(of=deliveries, skip_locked=True)
    )


def _with_subscriber() -> Select[Any]:
    subscription = and_(
        subscriptions.c.person_id == deliveries.c.subscriber_id,
        subscriptions.c.newsletter == editions.c.newsletter,
    )
    subscriber = (
        deliveries.join(editions, editions.c.id == deliveries.c.edition_id)
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .outerjoin(people, people.c.id == deliveries.c.subscriber_id)
        .outerjoin(subscriptions, subscription)
    )
    return select(
        deliveries.c.id,
        deliveries.c.edition_id,
        deliveries.c.variant_id,
        deliveries.c.subscriber_id,
        deliveries.c.not_before,
        deliveries.c.attempts,
        deliveries.c.reopened_at,
        people.c.public_id,
        people.c.address,
        people.c.name,
        people.c.suppressed,
        subscriptions.c.state.label("subscription"),
        subscriptions.c.joined_at,
        subscriptions.c.is_joined_known,
        variants.c.language,
        variants.c.fields,
    ).select_from(subscriber)


#: Beyond every time that is stored.
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_FAR = bindparam("far", type_=UtcDateTime())


class _Claimed(Sequence[Delivery]):
    """Claimed rows, each made a delivery when it is read: no mark waits for that."""

    def __init__(
        self,
        rows: Sequence[_Row],
        own: Mapping[int, Mapping[str, str]],
        read_time: Callable[[Any], datetime | None],
    ) -> None:
        self._rows = rows
        self._own = own
        self._read_time = read_time

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Delivery: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Delivery]: ...

    def __getitem__(self, place: int | slice) -> Delivery | Sequence[Delivery]:
        if isinstance(place, slice):
            return _Claimed(self._rows[place], self._own, self._read_time)
        return self._read(self._rows[place])

    def __iter__(self) -> Iterator[Delivery]:
        return map(self._read, self._rows)

    def _read(self, row: _Row) -> Delivery:
        try:
            return self._delivery(row)
        except DamagedValueError as error:
            raise CorruptStoreError(
                f"edition {row.edition_id}: the stored row of a mail is damaged ({error}); restore"
                " a backup of the database"
            ) from error

    def _delivery(self, row: _Row) -> Delivery:
        if bytes in map(type, row):  # as SQLite reads a text with one flipped bit
            raise DamagedValueError("a text is a blob")
        read_time, own = self._read_time, self._own.get(row.subscriber_id)
        recipient = Recipient(
            subscriber_id=row.subscriber_id,
            public_id=row.public_id,
            address=row.address,
            joined_at=read_time(row.joined_at) if row.is_joined_known else None,
            language=row.language,
            fields=tuple(sorted(own.items())) if own else (),
        )
        not_before = read_time(row.not_before)
        assert not_before is not None  # noqa: S101 - no row is without it
        return Delivery(
            id=row.id,
            edition_id=row.edition_id,
            variant_id=row.variant_id,
            recipient=recipient,
            not_before=not_before,
            attempts=row.attempts,
            reopened_at=read_time(row.reopened_at),
        )


_SKIP_GONE = {reason: skip_rows(IS_ONE_OF, reason) for reason in ("suppressed", "left")}


def next_due(
    connection: Connection,
    edition_id: int,
    *,
    now: datetime,
    longest_wait: timedelta = timedelta.max,
) -> datetime | None:
    """Return when the next open row of an edition is due; None if none waits.

    Args:
        connection: a transaction.
        edition_id: the edition.
        now: the time.
        longest_wait: a next try that is further ahead is due now, as in `claim_due`.
    """
    never_tried, again = (
        connection.execute(
            select(order[-1])
            .where(is_waiting, deliveries.c.edition_id == edition_id)
            .order_by(*order)
            .limit(1)
        ).scalar()
        for is_waiting, order in ((IS_PENDING, _BY_HOUR), (IS_DEFERRED, _BY_NEXT_TRY))
    )
    if again is not None and again - now > longest_wait:
        again = now
    return min((time for time in (never_tried, again) if time is not None), default=None)


def next_turn(connection: Connection, edition_id: int) -> datetime | None:
    """Return when the next mail goes that only waits for its domain; None if there is none."""
    return connection.execute(
        select(deliveries.c.next_at)
        .where(
            IS_DEFERRED,
            deliveries.c.edition_id == edition_id,
            deliveries.c.reason == PUT_OFF,
        )
        .order_by(deliveries.c.next_at)
        .limit(1)
    ).scalar()
