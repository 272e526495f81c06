"""Decides when mailboxes that fail for now have failed for good. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

#: A mailbox is given up after this many failures in a row, on as many days …
MAX_FAILURES = 5
#: … if they are spread over this time. A mail that arrives between two failures ends the row.
LEAST_TIME = timedelta(days=14)


def has_failed_for_good(failures: Sequence[datetime]) -> bool:
    """Return whether a row of failures means that the mailbox is not used any more.

    Args:
        failures: the times of the failures since the last mail that arrived, aware, in any order;
            several on one day count once.
    """
    if len({failure.date() for failure in failures}) < MAX_FAILURES:
        return False
    return max(failures) - min(failures) >= LEAST_TIME
