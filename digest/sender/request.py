"""What a run is asked to do, and what it says of itself afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.models import Delivery, Message, Released
from digest.sender.attempt import Mailer


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """What to send, and how."""

    edition_id: int
    #: Makes the message of a row; the same row gives the same bytes.
    build: Callable[[Delivery], Message]
    #: Makes one more line to where the mail goes.
    open_mailer: Callable[[], Mailer]
    #: Lines open at once.
    connections: int = 4
    #: How long after `not_before` a refused message is tried again.
    max_age: timedelta = timedelta(hours=24)
    #: Rows claimed at once.
    batch: int = 500
    #: How long a stopped run waits for the mails in hand; what is not answered then is `unknown`.
    grace_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What one run did."""

    sent: int
    deferred: int
    failed: int
    skipped: int
    unknown: int
    #: What an earlier run that died had left.
    released: Released
    #: When the next open row is due; None where none is open.
    next_at: datetime | None
    seconds: float
    #: Whether the run was asked to stop before all that was due was done.
    was_stopped: bool

    @property
    def rate(self) -> float:
        """Messages sent a second."""
        return self.sent / self.seconds if self.seconds else 0.0
