"""The counts of a running send: the send loop adds to them, and a door reads them by its timer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.models.deliveries import DeliveryState


class Holding(Protocol):
    """Why mails are held back, and what releases them; the sender has its own type of it."""

    @property
    def reason(self) -> str:
        """A clause, such as `relay mail:587: connection refused`."""

    @property
    def until(self) -> datetime | None:
        """When it ends by itself; None if that is not known."""

    @property
    def release(self) -> str:
        """A sentence about what releases it; empty if only time does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendHold:
    """A `Holding` that the stored data show."""

    reason: str
    until: datetime | None = None
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
    #: What holds mails back at this moment, all or some of them. Replaced as a whole.
    holds: tuple[Holding, ...] = ()

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
