"""The states of deliveries and editions, and the outcome of an attempt to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.models.letters import Recipient


class DeliveryState(StrEnum):
    """The state of one subscriber's mail of one edition."""

    PENDING = "pending"
    CLAIMED = "claimed"
    HANDING = "handing"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


def shown_state(state: DeliveryState) -> str:
    """Return the state as shown to people: `claimed` and `handing` are `sending`."""
    is_in_hand = state in (DeliveryState.CLAIMED, DeliveryState.HANDING)
    return "sending" if is_in_hand else state.value


class EditionState(StrEnum):
    """The state of an edition."""

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
    #: The earliest time to send; also the message's Date.
    not_before: datetime
    #: The number of earlier attempts.
    attempts: int
    #: When `digest resolve` opened it again; its age counts from then. None: it did not.
    reopened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A mail server's answer."""

    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of one attempt to send a delivery."""

    state: DeliveryState
    reply: Reply | None
    #: Short code: `refused`, `full`, `expired`, `policy`, `kept`; empty for `sent`.
    reason: str = ""
    #: When to try again; for `deferred` only.
    next_at: datetime | None = None
    #: `host:port` of the relay that answered; empty if none did.
    relay: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMails:
    """The mails of an edition that were tried first, by all processes."""

    sent: int = 0
    #: Failed, deferred or never answered.
    refused: int = 0
    #: Claimed or being handed over.
    in_hand: int = 0
    #: When the last of them was claimed; None if none was.
    last_at: datetime | None = None

    @property
    def tried(self) -> int:
        """All of them."""
        return self.sent + self.refused + self.in_hand


class Resolution(StrEnum):
    """An operator's decision about mails that were handed over and never answered."""

    RESEND = "to be sent again"
    ASSUME_SENT = "assumed sent"
    ASSUME_LOST = "assumed lost"
