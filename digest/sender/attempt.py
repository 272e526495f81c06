"""The result of one attempt to hand over a message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from digest.models import Reply


class Fate(StrEnum):
    """The end of an attempt."""

    #: The relay accepted the message and is responsible for it now.
    SENT = "sent"
    #: Refused for now.
    TRANSIENT = "transient"
    #: Refused for now by a server that accepts the message if we try again later.
    GREYLISTED = "greylisted"
    #: Refused because of the message, the sender or the relay; tried again because it can be fixed.
    POLICY = "policy"
    #: Refused because the recipient's mailbox does not exist or takes no mail any more.
    REFUSED = "refused"
    #: Refused because the recipient's mailbox is full.
    FULL = "full"
    #: Sent, but the server never answered.
    UNKNOWN = "unknown"
    #: The mark was refused: the subscriber has left, or another worker has the row.
    SKIPPED = "skipped"
    #: The connection was lost before any content was sent.
    RETURNED = "returned"
    #: The relay accepts nothing from us: the run must stop.
    BLOCKED = "blocked"


class Fault(StrEnum):
    """Whose fault a refusal is."""

    #: The mail was accepted, or no server refused it.
    NONE = "none"
    #: The recipient's mailbox: the only fault that counts against a subscriber.
    RECIPIENT = "recipient"
    #: This mail's content or size.
    MESSAGE = "message"
    #: Our address, domain, reputation or quota, by the recipient's server.
    SENDER = "sender"
    #: The relay itself: its rules, login or state.
    RELAY = "relay"
    #: Greylisting and rate limits: they end by waiting.
    RATE = "rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The result of one attempt."""

    fate: Fate
    #: The reply that decided the fate; None if the server did not reply.
    reply: Reply | None = None
    #: A short reason for the operator; empty if `reply` explains it.
    reason: str = ""
    #: `host:port` of the relay; empty for a folder.
    relay: str = ""
    fault: Fault = Fault.NONE
    #: Whether the relay said it before the recipient was named: then it is the relay's own word.
    is_of_relay: bool = False
    #: Whether the server only said "later": that may be the mailbox's affair, and not the speed's.
    is_only_later: bool = False

    @property
    def is_recipients_fault(self) -> bool:
        """Whether a server refused the mail because of the recipient's mailbox."""
        return self.reply is not None and self.fate in (Fate.REFUSED, Fate.FULL)

    @property
    def answer(self) -> str:
        """The reply, or without one the reason."""
        return f"{self.reply.code} {self.reply.text}" if self.reply else self.reason
