"""The transitions between the states of a delivery, and the accounting of an edition."""

from __future__ import annotations

from dataclasses import dataclass

from digest.models.deliveries import DeliveryState, shown_state

#: The states that may follow each state. An ended delivery does not change, except that `unknown`
#: waits for `digest resolve`, or for a late result from the worker that handed the mail over.
TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    # Waiting deliveries fail when they are too old, if the relay refuses all mails. They also end,
    # or are deferred, by the refusal of an attempt that was under way when they went back.
    DeliveryState.PENDING: frozenset(
        {
            DeliveryState.CLAIMED,
            DeliveryState.DEFERRED,
            DeliveryState.FAILED,
            DeliveryState.SKIPPED,
        }
    ),
    DeliveryState.CLAIMED: frozenset(
        {
            DeliveryState.PENDING,
            DeliveryState.HANDING,
            DeliveryState.DEFERRED,
            DeliveryState.FAILED,
            DeliveryState.SKIPPED,
        }
    ),
    # Back to `claimed` only if the connection broke before the first byte of content.
    DeliveryState.HANDING: frozenset(
        {
            DeliveryState.CLAIMED,
            DeliveryState.SENT,
            DeliveryState.DEFERRED,
            DeliveryState.FAILED,
            DeliveryState.UNKNOWN,
        }
    ),
    # To `failed` if a refusal was kept, see `digest.sender.settle.keep`.
    DeliveryState.DEFERRED: frozenset(
        {DeliveryState.CLAIMED, DeliveryState.FAILED, DeliveryState.SKIPPED}
    ),
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

#: The states that no worker continues from.
ENDED = frozenset(
    {DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.SKIPPED}
)


def may_follow(before: DeliveryState, after: DeliveryState) -> bool:
    """Return whether a delivery in state `before` may change to `after`."""
    return after in TRANSITIONS[before]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """The number of deliveries of one edition in each state."""

    #: The number of deliveries written when the edition was frozen.
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
        """The number of deliveries that have not ended."""
        return self.pending + self.claimed + self.handing + self.deferred

    @property
    def shown(self) -> tuple[tuple[str, int], ...]:
        """The number of deliveries by the state as shown to people, without zeros."""
        counts: dict[str, int] = {}
        for state in DeliveryState:
            counts[shown_state(state)] = counts.get(shown_state(state), 0) + getattr(self, state)
        return tuple((state, count) for state, count in counts.items() if count)

    @property
    def ended(self) -> int:
        """The number of deliveries that have ended."""
        return self.sent + self.failed + self.unknown + self.skipped

    @property
    def is_closed(self) -> bool:
        """Whether every delivery has ended; only then may the edition be finished."""
        return self.open == 0 and self.frozen == self.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The numbers of deliveries released from workers that have ended."""

    #: Claimed but not handed over; can be sent again.
    pending: int = 0
    #: Perhaps handed over; wait for `digest resolve`.
    unknown: int = 0
    #: Why an edition was paused with that; empty if none was.
    fault: str = ""

    def __add__(self, other: Released) -> Released:
        return Released(
            pending=self.pending + other.pending,
            unknown=self.unknown + other.unknown,
            fault=self.fault or other.fault,
        )
