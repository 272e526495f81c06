"""The states of a delivery: which may follow which, and the sum that must come out."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models.deliveries import DeliveryState, shown_state

#: What may follow a state. What has ended stays as it is; `unknown` waits for `digest resolve`,
#: or for the late word of the very worker that handed the mail over.
TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PENDING: frozenset({DeliveryState.CLAIMED, DeliveryState.SKIPPED}),
    DeliveryState.CLAIMED: frozenset(
        {
            DeliveryState.PENDING,
            DeliveryState.HANDING,
            DeliveryState.DEFERRED,
            DeliveryState.FAILED,
            DeliveryState.SKIPPED,
        }
    ),
    # Back to `claimed` only where the connection broke before the first byte of content.
    DeliveryState.HANDING: frozenset(
        {
            DeliveryState.CLAIMED,
            DeliveryState.SENT,
            DeliveryState.DEFERRED,
            DeliveryState.FAILED,
            DeliveryState.UNKNOWN,
        }
    ),
    DeliveryState.DEFERRED: frozenset({DeliveryState.CLAIMED, DeliveryState.SKIPPED}),
    DeliveryState.UNKNOWN: frozenset(
        {
            DeliveryState.PENDING,
            DeliveryState.SENT,
            DeliveryState.DEFERRED,
            DeliveryState.FAILED,
        }
    ),
    DeliveryState.SENT: frozenset(),
    DeliveryState.FAILED: frozenset(),
    DeliveryState.SKIPPED: frozenset(),
}

#: The states in which nothing more happens by itself.
ENDED = frozenset(
    {DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.SKIPPED}
)


def may_follow(before: DeliveryState, after: DeliveryState) -> bool:
    """Whether a delivery in `before` may become `after`."""
    return after in TRANSITIONS[before]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """How many deliveries of one edition stand in each state."""

    #: Rows written when the edition was frozen.
    frozen: int
    pending: int = 0
    claimed: int = 0
    handing: int = 0
    sent: int = 0
    deferred: int = 0
    failed: int = 0
    unknown: int = 0
    skipped: int = 0

    @property
    def open(self) -> int:
        """Deliveries that have not ended."""
        return self.pending + self.claimed + self.handing + self.deferred

    @property
    def shown(self) -> tuple[tuple[str, int], ...]:
        """Deliveries by the state that people read, only those that occur."""
        counts: dict[str, int] = {}
        for state in DeliveryState:
            counts[shown_state(state)] = counts.get(shown_state(state), 0) + getattr(self, state)
        return tuple((state, count) for state, count in counts.items() if count)

    @property
    def ended(self) -> int:
        """Deliveries in which nothing more happens by itself."""
        return self.sent + self.failed + self.unknown + self.skipped

    @property
    def is_closed(self) -> bool:
        """Whether every frozen delivery has ended: only then may the edition be finished."""
        return self.open == 0 and self.frozen == self.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What became of the rows of a worker that is gone."""

    #: Claimed only: may go again.
    pending: int = 0
    #: Perhaps handed over: held.
    unknown: int = 0
