"""Decides when a run must stop because the fault is the relay's or ours, not a subscriber's."""

from __future__ import annotations

from collections import Counter

from digest.sender.attempt import Attempt, Fate

#: Connections that may break during one delivery before it is deferred.
MAX_BREAKS_OF_ROW = 3
#: Consecutive connections that may break, whatever the delivery.
MAX_BREAKS = 10
#: Policy refusals allowed without an accepted message between them.
MAX_POLICY_REFUSALS = 3


class Brakes:
    """Counts the failures of one run."""

    def __init__(self) -> None:
        """Start with no failures."""
        self._breaks_of_row: Counter[int] = Counter()
        self._breaks = 0
        self._policy_refusals = 0

    def may_go_again(self, attempt: Attempt, delivery_id: int) -> bool:
        """Whether a row goes back to the queue: its connection broke or the relay refuses us."""
        if attempt.fate is Fate.RETURNED:
            self._breaks_of_row[delivery_id] += 1
            return self._breaks_of_row[delivery_id] < MAX_BREAKS_OF_ROW
        return attempt.fate is Fate.BLOCKED

    def why_stop(self, attempt: Attempt) -> str:
        """Return why the run must stop after this attempt, in one line; empty if it continues."""
        self._count(attempt)
        if attempt.fate is Fate.BLOCKED or self._policy_refusals >= MAX_POLICY_REFUSALS:
            return f"relay {attempt.relay}: refuses us: {_answer(attempt)}"
        if self._breaks >= MAX_BREAKS:
            return f"relay {attempt.relay}: every connection breaks ({_answer(attempt)})"
        return ""

    def _count(self, attempt: Attempt) -> None:
        self._breaks = self._breaks + 1 if attempt.fate is Fate.RETURNED else 0
        if attempt.fate is Fate.SENT:
            self._policy_refusals = 0
        elif attempt.fate is Fate.POLICY:
            self._policy_refusals += 1


def _answer(attempt: Attempt) -> str:
    return f"{attempt.reply.code} {attempt.reply.text}" if attempt.reply else attempt.reason
