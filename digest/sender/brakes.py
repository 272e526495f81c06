"""When a run must stop: the fault is the relay's or ours, and not the subscribers'."""

from __future__ import annotations

from collections import Counter

from digest.sender.attempt import Attempt, Fate

#: Connections that may break under one row before it has to wait.
MAX_BREAKS_OF_ROW = 3
#: Connections that may break in a row, under any rows.
MAX_BREAKS = 10
#: Refusals for what we are, without one message taken between them.
MAX_POLICY_REFUSALS = 3


class Brakes:
    """Counts what goes wrong in one run."""

    def __init__(self) -> None:
        """Start with nothing wrong."""
        self._breaks_of_row: Counter[int] = Counter()
        self._breaks = 0
        self._policy_refusals = 0

    def may_go_again(self, attempt: Attempt, delivery_id: int) -> bool:
        """Whether a row is sent once more at once: its connection broke, or nothing is taken."""
        if attempt.fate is Fate.RETURNED:
            self._breaks_of_row[delivery_id] += 1
            return self._breaks_of_row[delivery_id] < MAX_BREAKS_OF_ROW
        return attempt.fate is Fate.BLOCKED

    def why_stop(self, attempt: Attempt) -> str:
        """Say why the run must stop after this try, in one line; empty: it goes on."""
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
