"""The ledger after the sending: the sum, the close, and what is held in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from digest.errors import Refused, UsageError
from digest.models import Accounting, DeliveryState, EditionState
from digest.store.deliveries import IS_OPEN
from digest.store.tables import deliveries, editions
from subscribers.tables import people, subscriptions

#: Frozen and not closed; one that was cancelled is closed too, for the sake of who was reached.
_UNDER_WAY = and_(editions.c.frozen_at.is_not(None), editions.c.finished_at.is_(None))
_CLOSED = case(
    (editions.c.state == EditionState.CANCELLED, EditionState.CANCELLED.value),
    else_=EditionState.FINISHED.value,
)
#: Subscribers of these have seen the edition, or may have: their window moves on.
_SEEN = (DeliveryState.SENT, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownDelivery:
    """A mail whose content left without an answer: nobody here knows whether it arrived."""

    delivery_id: int
    subscriber_id: int
    #: Empty where the person was erased since.
    address: str
    handing_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """How many deliveries of an edition stand in one state for one reason."""

    state: DeliveryState
    reason: str
    count: int


def read_accounting(connection: Connection, edition_id: int) -> Accounting:
    """Count an edition's deliveries by state.

    Raises:
        UsageError: there is no such edition.
    """
    frozen = connection.execute(
        select(editions.c.frozen_count).where(editions.c.id == edition_id)
    ).scalar()
    if frozen is None:
        raise UsageError(f"edition {edition_id}: there is none; see `digest status`")
    counts = connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.edition_id == edition_id)
        .group_by(deliveries.c.state)
    )
    return Accounting(frozen=frozen, **{str(state): count for state, count in counts})


def count_by_reason(connection: Connection, edition_id: int) -> tuple[StateCount, ...]:
    """Count an edition's deliveries by state and reason, the most frequent first."""
    kind = (deliveries.c.state, deliveries.c.reason)
    query = (
        select(*kind, func.count())
        .where(deliveries.c.edition_id == edition_id)
        .group_by(*kind)
        .order_by(func.count().desc(), *kind)
    )
    return tuple(
        StateCount(state=DeliveryState(state), reason=reason, count=count)
        for state, reason, count in connection.execute(query)
    )


def close_edition(connection: Connection, edition_id: int, *, now: datetime) -> bool:
    """Finish an edition if every frozen delivery has ended, and move its subscribers' windows.

    One that was cancelled in mid-send stays `cancelled`; the windows of who was reached move.

    Returns:
        Whether the edition is closed now.
    """
    give_up_rest(connection, edition_id, now=now)
    if not read_accounting(connection, edition_id).is_closed:
        return False
    finished = connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, _UNDER_WAY)
        .values(state=_CLOSED, paused_reason="", finished_at=now)
        .returning(editions.c.newsletter, editions.c.cut_seq)
    ).first()
    if finished is not None:
        _move_windows(connection, edition_id, finished.newsletter, finished.cut_seq)
    return finished is not None


def give_up_rest(connection: Connection, edition_id: int, *, now: datetime) -> int:
    """End what is left of a cancelled edition, but not the mails in hand; gives how many.

    Nothing where the edition is not cancelled.
    """
    is_cancelled = exists().where(
        editions.c.id == edition_id, editions.c.state == EditionState.CANCELLED
    )
    return _skip_open(connection, edition_id, "cancelled", now, is_cancelled)


def _skip_open(
    connection: Connection,
    edition_id: int,
    reason: str,
    now: datetime,
    *wanted: ColumnElement[bool],
) -> int:
    """End the open rows of an edition, but not those that are being handed over."""
    skipped = connection.execute(
        update(deliveries)
        .where(
            IS_OPEN,
            deliveries.c.edition_id == edition_id,
            deliveries.c.state != DeliveryState.HANDING,
            *wanted,
        )
        .values(state=DeliveryState.SKIPPED, reason=reason, worker="", ended_at=now)
    )
    return skipped.rowcount


def advance_windows(connection: Connection, newsletter: str) -> None:
    """Move the windows of who was reached by editions that are not finished.

    A window moves when its edition closes; an edition that freezes meanwhile must not tell the
    same subscribers the same once more. Call it in the freeze, before the audience is read.
    """
    unfinished = connection.execute(
        select(editions.c.id, editions.c.cut_seq).where(
            editions.c.newsletter == newsletter, _UNDER_WAY
        )
    )
    for edition_id, cut_seq in unfinished.all():
        _move_windows(connection, edition_id, newsletter, cut_seq)


def _move_windows(connection: Connection, edition_id: int, newsletter: str, cut: int) -> None:
    subscribers = select(deliveries.c.subscriber_id).where(
        deliveries.c.edition_id == edition_id, deliveries.c.state.in_(_SEEN)
    )
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.newsletter == newsletter,
            subscriptions.c.person_id.in_(subscribers),
            # A newer edition may have closed first; a window never moves back.
            or_(subscriptions.c.seen_seq.is_(None), subscriptions.c.seen_seq < cut),
        )
        .values(seen_seq=cut)
    )


def supersede_open(
    connection: Connection, newsletter: str, by_edition: int, *, now: datetime
) -> int:
    """End what is still open for the subscribers of a new edition: it covers their windows.

    Who is not among its subscribers keeps the older mail, and so does a subscriber whose window
    the older edition has closed already. Call it in the freeze, when the new rows are written;
    editions that end by it are closed.

    Returns:
        How many deliveries were superseded.

    Raises:
        Refused: a mail to one of those subscribers is being handed over at this moment.
    """
    others = connection.execute(
        select(editions.c.id, editions.c.cut_seq).where(
            editions.c.newsletter == newsletter,
            editions.c.id != by_edition,
            _UNDER_WAY,
        )
    ).all()
    return sum(
        _supersede(connection, edition_id, _covered_by(by_edition, newsletter, cut), now)
        for edition_id, cut in others
    )


def _covered_by(edition_id: int, newsletter: str, cut: int) -> ColumnElement[bool]:
    """Whether a row's subscriber gets a new edition whose window holds that of an older cut."""
    new = deliveries.alias()
    return exists().where(
        new.c.edition_id == edition_id,
        new.c.subscriber_id == deliveries.c.subscriber_id,
        subscriptions.c.person_id == deliveries.c.subscriber_id,
        subscriptions.c.newsletter == newsletter,
        or_(subscriptions.c.seen_seq.is_(None), subscriptions.c.seen_seq < cut),
    )


def _supersede(
    connection: Connection, edition_id: int, is_covered: ColumnElement[bool], now: datetime
) -> int:
    theirs = and_(IS_OPEN, deliveries.c.edition_id == edition_id, is_covered)
    in_hand = select(deliveries.c.id).where(theirs, deliveries.c.state == DeliveryState.HANDING)
    if connection.execute(in_hand.limit(1)).first() is not None:
        raise Refused(
            f"edition {edition_id}: its mail is being sent at this moment; "
            f"run `digest send {edition_id}` to its end, then this again"
        )
    superseded = _skip_open(connection, edition_id, "superseded", now, is_covered)
    close_edition(connection, edition_id, now=now)
    return superseded


# --- in doubt -----------------------------------------------------------------------------------


def list_unknown(
    connection: Connection, edition_id: int, *, most: int = 1000
) -> tuple[UnknownDelivery, ...]:
    """Give the deliveries that are held in doubt, oldest first."""
    query = (
        select(
            deliveries.c.id,
            deliveries.c.subscriber_id,
            func.coalesce(people.c.address, ""),
            deliveries.c.handing_at,
        )
        .outerjoin(people, people.c.id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.state == DeliveryState.UNKNOWN,
        )
        .order_by(deliveries.c.id)
        .limit(most)
    )
    return tuple(
        UnknownDelivery(delivery_id=row[0], subscriber_id=row[1], address=row[2], handing_at=row[3])
        for row in connection.execute(query)
    )


def resend_unknown(connection: Connection, edition_id: int) -> int:
    """Let what is in doubt go again, at the risk of a second copy; re-opens the edition.

    Raises:
        Refused: the edition was cancelled.
    """
    state = connection.execute(select(editions.c.state).where(editions.c.id == edition_id)).scalar()
    if state == EditionState.CANCELLED:
        raise Refused(f"edition {edition_id}: cancelled; settle its mails with --assume-sent")
    resent = _resolve(connection, edition_id, DeliveryState.PENDING)
    if resent:
        connection.execute(
            update(editions)
            .where(editions.c.id == edition_id, editions.c.state == EditionState.FINISHED)
            .values(state=EditionState.SENDING, finished_at=None)
        )
    return resent


def assume_sent(connection: Connection, edition_id: int) -> int:
    """Count what is in doubt as sent."""
    return _resolve(connection, edition_id, DeliveryState.SENT)


def _resolve(connection: Connection, edition_id: int, state: DeliveryState) -> int:
    values: dict[str, object] = {"state": state, "worker": "", "reason": ""}
    if state is DeliveryState.PENDING:
        values |= {"handing_at": None, "ended_at": None}
    return connection.execute(
        update(deliveries)
        .where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.state == DeliveryState.UNKNOWN,
        )
        .values(values)
    ).rowcount
