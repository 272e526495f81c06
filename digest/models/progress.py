"""The counts of a running send: the send loop adds to them, and a door reads them by its timer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.deliveries import DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class SendHold:
    """Why a running send waits, and what ends the wait."""

    #: One line, such as `example.org: 421 4.7.0 try again later`.
    why: str
    #: When it goes on by itself; None if that is not known.
    until: datetime | None = None
    #: What else ends the wait, such as a command to run; empty: only time does.
    release: str = ""


@dataclass(slots=True, kw_only=True)
class Progress:
    """The counts of one send.

    It is not frozen because it changes with each mail: `progress.sent += 1` costs far less than a
    call that draws. It may be called with the new state of a delivery instead.
    """

    edition_id: int
    #: The number of deliveries of the edition.
    total: int
    #: Of the edition, with those of earlier runs. The same for `failed`, `unknown` and `skipped`.
    sent: int = 0
    failed: int = 0
    unknown: int = 0
    skipped: int = 0
    #: Of this run: attempts after which the mail waits for another one.
    deferred: int = 0
    #: Why it waits at this moment; empty while it sends. Replaced as a whole.
    holds: tuple[SendHold, ...] = ()

    def __call__(self, state: DeliveryState) -> None:
        """Count a delivery with its new state: `deferred`, or a state that ends it."""
        setattr(self, state, getattr(self, state) + 1)

    @property
    def done(self) -> int:
        """The number of deliveries that this run need not try any more."""
        return self.sent + self.failed + self.unknown + self.skipped + self.deferred

    @property
    def left(self) -> int:
        """The number of deliveries that were not tried yet."""
        return max(0, self.total - self.done)
