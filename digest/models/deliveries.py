"""What becomes of mails and editions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.models.letters import Recipient


class DeliveryState(StrEnum):
    """Where one subscriber's mail of one edition stands."""

    PENDING = "pending"
    CLAIMED = "claimed"
    HANDING = "handing"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


def shown_state(state: DeliveryState) -> str:
    """Return the state as people read it: what a worker has in hand is `sending`."""
    is_in_hand = state in (DeliveryState.CLAIMED, DeliveryState.HANDING)
    return "sending" if is_in_hand else state.value


class EditionState(StrEnum):
    """Where an edition stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One claimed row of the ledger."""

    id: int
    edition_id: int
    variant_id: int
    recipient: Recipient
    #: Not to be sent before; also the message's Date.
    not_before: datetime
    #: Tries made before this one.
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a mail server answered."""

    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one attempt made of a delivery."""

    state: DeliveryState
    reply: Reply | None
    #: Short code: `refused`, `expired`, `greylisted`, `suppressed`; empty for `sent`.
    reason: str = ""
    #: When to try again; for `deferred` only.
    next_at: datetime | None = None
    #: `host:port` that answered; empty where none did.
    relay: str = ""
