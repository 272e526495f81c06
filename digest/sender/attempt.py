"""What one try to hand over a message came to, and the port behind which it happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from digest.models import Message, Reply


class Fate(StrEnum):
    """How a try ended."""

    #: The relay answers for the mail from here on.
    SENT = "sent"
    #: Refused for now.
    TRANSIENT = "transient"
    #: Refused for now by a server that wants to see us come back.
    GREYLISTED = "greylisted"
    #: Refused for what we are, not for whom it goes to; tried again, for it may be mended.
    POLICY = "policy"
    #: Refused for good.
    REFUSED = "refused"
    #: The content left and no answer came.
    UNKNOWN = "unknown"
    #: The mark was not given: the subscriber has left, or the row is no longer ours.
    SKIPPED = "skipped"
    #: The connection was lost before any content left.
    RETURNED = "returned"
    #: The relay takes nothing from us: the run must stop.
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The end of one try."""

    fate: Fate
    #: The answer that decided; None where none came.
    reply: Reply | None = None
    #: Short words for the operator; empty where `reply` says it.
    reason: str = ""
    #: `host:port` that answered; empty for a folder.
    relay: str = ""


#: Commits the mark `handing`; false when the message must not go.
Mark = Callable[[], Awaitable[bool]]


class Mailer(Protocol):
    """One line to a place that takes messages, one at a time."""

    async def open(self) -> None:
        """Make ready.

        Raises:
            RelayError: nothing takes messages.
        """

    async def deliver(self, message: Message, mark: Mark) -> Attempt:
        """Hand one message over; `mark` is awaited before the first byte of content leaves.

        Raises:
            RelayError: nothing takes messages any more; this one was not touched.
        """

    async def close(self) -> None:
        """Part in order."""
