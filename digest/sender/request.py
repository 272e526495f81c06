"""The input of a send run and the report that it returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.errors import RelayError
from digest.models import Delivery, Message, Released
from digest.sender.canary import Canary
from digest.sender.holds import Hold, HoldKind
from digest.sender.relays import Relays
from digest.sender.work import Mailer

#: What holds every mail back, and is not ended by another run.
_HOLDS_ALL = (HoldKind.CANARY, HoldKind.DAILY_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRequest:
    """The edition to send and the limits of the run."""

    edition_id: int
    #: Builds the message of a row; the same row gives the same bytes.
    build: Callable[[Delivery], Message]
    #: Creates one more connection to the relay or folder.
    open_mailer: Callable[[], Mailer]
    #: The relays; None if the mails only become files on this machine.
    relays: Relays | None = None
    #: How the first mails are judged before the others go; None: they are not.
    canary: Canary | None = None
    #: Called in a thread when many mailboxes do not exist; it may pause the edition.
    guard: Callable[[], object] = lambda: None
    #: How long after `not_before` a refused message is tried again.
    max_age: timedelta = timedelta(hours=24)
    #: Called in a thread before each claim and mark: unsubscribes that wait are to count.
    before_marks: Callable[[], object] = lambda: None
    #: Rows claimed at a time.
    batch: int = 500
    #: How long a stopped run waits for mails being sent, in seconds; then they are `unknown`.
    grace_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """The result of one run."""

    sent: int
    deferred: int
    failed: int
    skipped: int
    unknown: int
    #: Rows of this run that another process took, because this one seemed to hang.
    taken_over: int
    #: Rows released from earlier runs that died.
    released: Released
    #: When the next open row is due; None if no row is open.
    next_at: datetime | None
    seconds: float
    #: Whether the run was stopped before all due rows were sent.
    was_stopped: bool
    #: Whether somebody stopped it, and not its relay: then nothing else is to begin either.
    was_stopped_by_hand: bool = False
    #: What held mails back at the end.
    holds: tuple[Hold, ...] = ()
    #: The last refusal that is not a recipient's fault, or why the relay made the run stop; None
    #: if there was none. If nothing was accepted, a stop is raised instead.
    trouble: RelayError | None = None

    @property
    def again_at(self) -> datetime | None:
        """When another run can send more: later than `next_at` if a brake holds all mails."""
        ends = (hold.until for hold in self.holds if hold.kind in _HOLDS_ALL)
        return max((at for at in (self.next_at, *ends) if at), default=None)

    @property
    def rate(self) -> float:
        """Messages sent per second."""
        return self.sent / self.seconds if self.seconds else 0.0
