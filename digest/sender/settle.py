"""Turns the result of one attempt into the outcome that the ledger stores."""

from __future__ import annotations

from datetime import datetime, timedelta

from digest.models import Delivery, DeliveryState, Outcome
from digest.sender.attempt import Attempt, Fate
from digest.sender.retry import plan_retry

_ENDS = {
    Fate.SENT: DeliveryState.SENT,
    Fate.REFUSED: DeliveryState.FAILED,
    Fate.FULL: DeliveryState.FAILED,
    Fate.UNKNOWN: DeliveryState.UNKNOWN,
}


#: The reason of a mail that was given up because it was too old.
EXPIRED = "expired"
#: The reason of a refusal that is kept until the relay accepts another mail.
KEPT = "kept"


def settle(attempt: Attempt, delivery: Delivery, *, now: datetime, max_age: timedelta) -> Outcome:
    """Decide a delivery's state after an attempt: final, deferred, or failed as `expired`.

    The ledger itself writes a row whose mark was refused (`skipped`); it has no outcome here.
    """
    if attempt.fate in _ENDS:
        reason = "" if attempt.fate is Fate.SENT else attempt.reason or attempt.fate
        return _outcome(attempt, _ENDS[attempt.fate], reason=reason)
    reason = attempt.reason or attempt.fate
    return _defer(attempt, delivery, reason=reason, now=now, max_age=max_age)


def keep(attempt: Attempt, delivery: Delivery, *, now: datetime, max_age: timedelta) -> Outcome:
    """Defer a refusal that is the recipient's by its words.

    A relay that accepts nothing may say so of every recipient; the refusal counts only if another
    mail is accepted after it.
    """
    return _defer(attempt, delivery, reason=KEPT, now=now, max_age=max_age)


def _defer(
    attempt: Attempt, delivery: Delivery, *, reason: str, now: datetime, max_age: timedelta
) -> Outcome:
    next_at = plan_retry(
        delivery_id=delivery.id,
        attempts=delivery.attempts + 1,
        is_greylisted=attempt.fate is Fate.GREYLISTED,
        not_before=delivery.reopened_at or delivery.not_before,
        now=now,
        max_age=max_age,
    )
    if next_at is None:
        return _outcome(attempt, DeliveryState.FAILED, reason=EXPIRED)
    return _outcome(attempt, DeliveryState.DEFERRED, reason=reason, next_at=next_at)


def _outcome(
    attempt: Attempt, state: DeliveryState, *, reason: str, next_at: datetime | None = None
) -> Outcome:
    return Outcome(
        state=state, reply=attempt.reply, reason=reason, next_at=next_at, relay=attempt.relay
    )
