"""The ends of attempts that no relay accepted: refused, put off, or taken back.

As in `digest.store.deliveries`, every write names the expected state and worker. A refusal is also
stored if its row waits again and no worker has it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, and_, bindparam, or_, select, update

from digest.models import ENDED, DeliveryState, Outcome
from digest.store.deliveries import IN_HAND, IS_ONE_OF, kept_text
from digest.store.dialect import domain_of
from digest.store.tables import deliveries
from subscribers.columns import UtcDateTime
from subscribers.tables import people

#: The reason of a mail that waits for its recipient's domain.
PUT_OFF = "domain"

#: Rows that went back to the ledger, for example because the edition was paused, and that no worker
#: has taken since. A mail of them may have been on its way, before its mark.
_IS_WAITING = and_(
    deliveries.c.worker == "",
    or_(deliveries.c.state == DeliveryState.PENDING, deliveries.c.state == DeliveryState.DEFERRED),
    # An operator may have had the mail sent again; that it was not answered is no news then.
    bindparam("new_state") != DeliveryState.UNKNOWN,
)
_RECORD = (
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("delivery_id"),
        or_(
            and_(
                deliveries.c.worker == bindparam("by"),
                # Not IN (…): its list of parameters cannot be part of a statement for many rows.
                or_(*(deliveries.c.state == state for state in IN_HAND)),
            ),
            _IS_WAITING,
        ),
    )
    .values(
        {
            column: bindparam(f"new_{column}")
            for column in (
                "state",
                "reason",
                "reply_code",
                "relay",
                "next_at",
                "ended_at",
            )
        }
        | {
            "worker": bindparam("by"),  # so that `settle_kept` finds it
            "attempts": deliveries.c.attempts + 1,
            "reply_text": kept_text(bindparam("new_reply_text", type_=Text)),
        }
    )
)


def record_outcomes(
    connection: Connection, outcomes: Mapping[int, Outcome], worker: str, *, now: datetime
) -> None:
    """Store the outcomes of attempts; rows that are another worker's now do not change."""
    if outcomes:
        connection.execute(
            _RECORD, [_record(key, outcome, worker, now) for key, outcome in outcomes.items()]
        )


def _record(delivery_id: int, outcome: Outcome, worker: str, now: datetime) -> dict[str, Any]:
    reply = outcome.reply
    return {
        "delivery_id": delivery_id,
        "by": worker,
        "new_state": outcome.state,
        "new_reason": outcome.reason[:64],
        "new_reply_code": reply.code if reply else None,
        "new_reply_text": reply.text if reply else "",
        "new_relay": outcome.relay[:255],
        "new_next_at": outcome.next_at,
        "new_ended_at": now if outcome.state in ENDED else None,
    }


_SETTLE_KEPT = (
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("delivery_id"),
        deliveries.c.worker == bindparam("by"),
        deliveries.c.state == DeliveryState.DEFERRED,
    )
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        next_at=None,
        ended_at=bindparam("now", type_=UtcDateTime()),
    )
)


def settle_kept(
    connection: Connection, outcomes: Mapping[int, Outcome], worker: str, *, now: datetime
) -> None:
    """End deferred rows whose refusal counts after all; rows claimed again meanwhile stay."""
    rows = [
        {
            "delivery_id": key,
            "by": worker,
            "new_state": outcome.state,
            "new_reason": outcome.reason[:64],
            "now": now,
        }
        for key, outcome in outcomes.items()
    ]
    if rows:
        connection.execute(_SETTLE_KEPT, rows)


def has_other_domain(connection: Connection, edition_id: int, domain: str) -> bool:
    """Return whether an edition has a recipient outside this domain, given in lower case."""
    other = (
        select(deliveries.c.id)
        .join(people, people.c.id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.edition_id == edition_id,
            domain_of(connection, people.c.address) != domain,
        )
    )
    return connection.execute(other.limit(1)).first() is not None


def take_marks_back(connection: Connection, delivery_ids: Collection[int], worker: str) -> None:
    """Undo `handing` marks because the connection broke before the first byte of content."""
    if delivery_ids:
        connection.execute(_TAKE_BACK, {"ids": list(delivery_ids), "by": worker})


_TAKE_BACK = (
    update(deliveries)
    .where(
        IS_ONE_OF,
        deliveries.c.worker == bindparam("by"),
        deliveries.c.state == DeliveryState.HANDING,
    )
    .values(state=DeliveryState.CLAIMED, handing_at=None)
)


def put_off(connection: Connection, until: Mapping[int, datetime], worker: str) -> None:
    """Return claimed rows until a time, because their domain must wait; it is no attempt."""
    rows = [{"delivery_id": key, "by": worker, "until": when} for key, when in until.items()]
    if rows:
        connection.execute(_PUT_OFF, rows)


_PUT_OFF = (
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("delivery_id"),
        deliveries.c.worker == bindparam("by"),
        deliveries.c.state == DeliveryState.CLAIMED,
    )
    .values(
        state=DeliveryState.DEFERRED,
        reason=PUT_OFF,
        next_at=bindparam("until", type_=UtcDateTime()),
        worker="",
    )
)
