"""The ledger after sending: accounting, closing an edition, moving the windows."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

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
from digest.store.events import add_sent_event
from digest.store.figures import store_figures
from digest.store.tables import deliveries, editions, variants
from subscribers.tables import subscriptions

#: Frozen and not closed. A cancelled edition is closed too, so that the windows of the subscribers
#: who got it move.
_UNDER_WAY = and_(editions.c.frozen_at.is_not(None), editions.c.finished_at.is_(None))
_CLOSED = case(
    (editions.c.state == EditionState.CANCELLED, EditionState.CANCELLED.value),
    else_=EditionState.FINISHED.value,
)
_IS_RESENT_IN_VAIN = and_(
    deliveries.c.reopened_at.is_not(None),
    deliveries.c.state.in_((DeliveryState.FAILED, DeliveryState.SKIPPED)),
)
#: Windows of `unknown` deliveries stay if more than this number, and more than this share of the
#: edition, are unknown: then it is not likely that they arrived.
_MOST_UNKNOWN = 20
_UNKNOWN_SHARE = 0.05


def read_accounting(connection: Connection, edition_id: int) -> Accounting:
    """Count an edition's deliveries by state.

    Raises:
        UsageError: the edition does not exist.
    """
    frozen = connection.execute(
        select(editions.c.frozen_count).where(editions.c.id == edition_id)
    ).scalar()
    if frozen is None:
        raise UsageError(f"edition {edition_id}: does not exist; see `digest status`")
    counts = connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.edition_id == edition_id)
        .group_by(deliveries.c.state)
    )
    return Accounting(frozen=frozen, **{str(state): count for state, count in counts})


def count_hard_bounces(connection: Connection, edition_id: int) -> int:
    """Count the deliveries that failed because the recipient's mailbox does not exist."""
    failed = select(func.count()).where(
        deliveries.c.edition_id == edition_id,
        deliveries.c.state == DeliveryState.FAILED,
        deliveries.c.reason == "refused",
    )
    return int(connection.execute(failed).scalar_one())


def close_edition(connection: Connection, edition_id: int, *, now: datetime) -> bool:
    """Finish an edition if every delivery has ended, and move its subscribers' windows.

    An edition that was cancelled during a send stays `cancelled`; the windows of the subscribers
    who got it move.

    Returns:
        Whether this call closed the edition.
    """
    give_up_rest(connection, edition_id, now=now)
    account = read_accounting(connection, edition_id)
    if not account.is_closed:
        return False
    store_figures(connection, edition_id, account, now=now)
    finished = connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, _UNDER_WAY)
        .values(state=_CLOSED, paused_reason="", finished_at=now)
        .returning(editions.c.newsletter, editions.c.cut_seq, editions.c.state)
    ).first()
    if finished is not None:
        move_windows(connection, edition_id, finished.newsletter, finished.cut_seq)
        # A mail that `resend_unknown` opened again had moved its window when it was unknown.
        move_windows_back(connection, edition_id, _IS_RESENT_IN_VAIN)
        if finished.state == EditionState.FINISHED:
            add_sent_event(connection, edition_id, account)
    return finished is not None


def give_up_rest(connection: Connection, edition_id: int, *, now: datetime) -> int:
    """Skip the open deliveries of a cancelled edition except those being handed over.

    Returns:
        The number of skipped deliveries; 0 if the edition is not cancelled.
    """
    is_cancelled = exists().where(
        editions.c.id == edition_id, editions.c.state == EditionState.CANCELLED
    )
    return _skip_open(connection, edition_id, "cancelled", now, is_cancelled)


def expire_rest(
    connection: Connection, edition_id: int, *, before: datetime, now: datetime
) -> None:
    """Abandon the waiting deliveries that were due before a time; their windows stay open."""
    connection.execute(
        update(deliveries)
        .where(
            IS_OPEN,
            deliveries.c.edition_id == edition_id,
            deliveries.c.state.in_((DeliveryState.PENDING, DeliveryState.DEFERRED)),
            func.coalesce(deliveries.c.reopened_at, deliveries.c.not_before) < before,
        )
        .values(state=DeliveryState.FAILED, reason="expired", next_at=None, ended_at=now)
    )


def _skip_open(
    connection: Connection,
    edition_id: int,
    reason: str,
    now: datetime,
    *wanted: ColumnElement[bool],
) -> int:
    """Skip the open deliveries of an edition except those being handed over."""
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
    """Move the windows of subscribers who already got an edition that is not finished.

    A window normally moves when its edition closes; an edition that is frozen before that must not
    send the same subscribers the same posts again. Call it in the freeze, before the audience is
    read.
    """
    unfinished = connection.execute(
        select(editions.c.id, editions.c.cut_seq).where(
            editions.c.newsletter == newsletter, _UNDER_WAY
        )
    )
    for edition_id, cut_seq in unfinished.all():
        move_windows(connection, edition_id, newsletter, cut_seq)


def move_windows(connection: Connection, edition_id: int, newsletter: str, cut: int) -> None:
    """Move the windows of the subscribers who got an edition, and of the `unknown` ones.

    If too many are unknown, or none was sent, the windows of the unknown ones stay, and their
    subscribers wait for `digest resolve`; see `digest.store.waiting`.
    """
    are_held = _are_unknown_held(read_accounting(connection, edition_id))
    connection.execute(
        update(editions).where(editions.c.id == edition_id).values(are_windows_held=are_held)
    )
    seen = (DeliveryState.SENT,) if are_held else (DeliveryState.SENT, DeliveryState.UNKNOWN)
    subscribers = select(deliveries.c.subscriber_id).where(
        deliveries.c.edition_id == edition_id, deliveries.c.state.in_(seen)
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


def _are_unknown_held(account: Accounting) -> bool:
    is_share = account.unknown > max(_MOST_UNKNOWN, _UNKNOWN_SHARE * account.frozen)
    return is_share or (account.unknown > 0 and account.sent == 0)


def supersede_open(
    connection: Connection, newsletter: str, by_edition: int, *, now: datetime
) -> int:
    """Skip older open deliveries of a new edition's subscribers because it covers their windows.

    A subscriber who does not get the new edition keeps the older mail, and so does a subscriber
    whose window does not include the older edition's posts any more. Call it in the freeze, after
    the new rows were written; it closes editions whose deliveries have all ended.

    Returns:
        The number of superseded deliveries.

    Raises:
        Refused: a mail to one of these subscribers is being handed over at this moment.
    """
    others = connection.execute(
        select(editions.c.id, editions.c.cut_seq)
        .where(
            editions.c.newsletter == newsletter,
            editions.c.id != by_edition,
            _UNDER_WAY,
        )
        .order_by(editions.c.id)
    ).all()
    return sum(
        _supersede(connection, edition_id, _covered_by(by_edition, newsletter, cut), now)
        for edition_id, cut in others
    )


def _covered_by(edition_id: int, newsletter: str, cut: int) -> ColumnElement[bool]:
    """Return the condition that a row's subscriber gets a new edition that covers an older cut."""
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
            f"edition {edition_id}: its mail is being sent now; "
            f"wait for `digest send {edition_id}` to finish, then run this command again"
        )
    superseded = _skip_open(connection, edition_id, "superseded", now, is_covered)
    close_edition(connection, edition_id, now=now)
    return superseded


def move_windows_back(
    connection: Connection, edition_id: int, is_wanted: ColumnElement[bool]
) -> int:
    """Move the windows of some deliveries' subscribers back to their start at the freeze.

    Returns:
        The number of those that stay because their subscribers have a later edition.
    """
    edition = facts_of(connection, edition_id)
    wanted = and_(deliveries.c.edition_id == edition_id, is_wanted)
    has_moved = and_(
        subscriptions.c.newsletter == edition.newsletter,
        subscriptions.c.seen_seq >= edition.cut_seq,
        subscriptions.c.person_id.in_(select(deliveries.c.subscriber_id).where(wanted)),
    )
    has_later = _has_later_row(edition.newsletter, edition.frozen_at)
    uncovered = select(func.count()).select_from(subscriptions).where(has_moved, has_later)
    stays = int(connection.execute(uncovered).scalar_one())
    # In rows of older versions the start is that of the variant.
    start = (
        select(func.coalesce(deliveries.c.since_seq, variants.c.since_seq))
        .join(variants, variants.c.id == deliveries.c.variant_id)
        .where(wanted, subscriptions.c.person_id == deliveries.c.subscriber_id)
        .correlate(subscriptions)
        .scalar_subquery()
    )
    connection.execute(update(subscriptions).where(has_moved, ~has_later).values(seen_seq=start))
    return stays


def _has_later_row(newsletter: str, frozen_at: datetime) -> ColumnElement[bool]:
    """Return the condition that a subscription's person got, or will get, a later edition."""
    later, row = editions.alias(), deliveries.alias()
    return exists(
        select(row.c.id)
        .join(later, later.c.id == row.c.edition_id)
        .where(
            row.c.subscriber_id == subscriptions.c.person_id,
            row.c.state.not_in((DeliveryState.FAILED, DeliveryState.SKIPPED)),
            later.c.newsletter == newsletter,
            later.c.frozen_at > frozen_at,
        )
        .correlate(subscriptions)
    )


class Facts(NamedTuple):
    """What the windows of an edition depend on."""

    newsletter: str
    cut_seq: int
    frozen_at: datetime


def facts_of(connection: Connection, edition_id: int) -> Facts:
    """Return the facts of an edition."""
    query = select(editions.c.newsletter, editions.c.cut_seq, editions.c.frozen_at)
    return Facts(*connection.execute(query.where(editions.c.id == edition_id)).one())
