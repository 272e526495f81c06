"""Decides when mailboxes that fail again and again have failed for good. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from digest.models import Failure, StoredBounce

#: A mailbox is given up after this many failures in a row, on as many days …
MAX_FAILURES = 5
#: … if they are spread over this time. A mail that arrives between two failures ends the row.
LEAST_TIME = timedelta(days=14)
#: That there is no such mailbox is confirmed by a failure this much later, so that a server that is
#: set up wrongly for some hours does no harm. Less than a day, for editions that come daily.
CONFIRMED_AFTER = timedelta(hours=20)


def must_suppress(bounce: StoredBounce, failures: Sequence[Failure]) -> bool:
    """Return whether a counted bounce is the one with which the mailbox has failed for good.

    Args:
        bounce: the bounce, stored already.
        failures: the editions that failed since the last mail that arrived, in any order.
    """
    is_confirmed = bounce.is_unconfirmed and any(
        failure.is_unconfirmed
        and failure.edition_id != bounce.edition_id
        and bounce.at - failure.at >= CONFIRMED_AFTER
        for failure in failures
    )
    has_failed = has_failed_for_good([failure.at for failure in failures])
    return is_confirmed or (bounce.is_scored and has_failed)


def has_failed_for_good(failures: Sequence[datetime]) -> bool:
    """Return whether a row of failures means that the mailbox is not used any more.

    Args:
        failures: the times of the failures since the last mail that arrived, aware, in any order;
            several on one day count once.
    """
    if len({failure.date() for failure in failures}) < MAX_FAILURES:
        return False
    return max(failures) - min(failures) >= LEAST_TIME
