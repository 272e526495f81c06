"""The interface between a run and its connections: mails go in, attempts come out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from digest.models import Delivery, Message, Reply
from digest.sender.attempt import Attempt
from digest.sender.relays import RelayState


@dataclass(slots=True, kw_only=True)
class Job:
    """One finished mail to hand over."""

    message: Message
    #: Its row in the ledger; None for a mail outside an edition.
    delivery: Delivery | None = None
    #: The relay that it was taken for; None for a folder.
    relay: RelayState | None = None
    #: Whether its mark `handing` is committed.
    is_marked: bool = False
    #: The recipient's domain, in lower case.
    domain: str = field(init=False)

    def __post_init__(self) -> None:
        """Read the domain once: the brakes ask for it often."""
        self.domain = self.message.recipient.rpartition("@")[2].lower()


class Work(Protocol):
    """The mails of a run for one connection, which takes one after another."""

    async def wait(self) -> bool:
        """Return True as soon as there may be a mail to take; False if there is none any more."""

    async def next(self, relay: RelayState | None = None) -> Job | None:
        """Return the next mail as soon as it may go over this relay.

        Every mail that was taken is ended or put back.

        Returns:
            The mail; None if there is none any more, or not for this relay.
        """

    def take(self, relay: RelayState | None = None) -> Job | None:
        """Return the next mail without waiting; None if none is ready or may go now."""

    async def hand(self, job: Job) -> bool:
        """Commit the mark `handing`; return False if the mail must not be sent.

        No byte of content may leave before.
        """

    def sent(self, job: Job, reply: Reply | None, relay: str) -> bool:
        """Record an accepted mail at once; return False if `end` must do it.

        Args:
            job: the mail.
            reply: what the relay said, without the recipient's address; None for a folder.
            relay: `host:port`; empty for a folder.
        """

    async def end(self, job: Job, attempt: Attempt) -> None:
        """Record how an attempt ended; a mail whose connection broke before may be tried again."""

    def put_back(self, job: Job) -> None:
        """Return a mail of which nothing was sent, not even the end of its envelope."""


class Mailer(Protocol):
    """One connection to a relay or a folder."""

    async def send(self, work: Work) -> None:
        """Hand over mails until there is none any more.

        Raises:
            RelayError: no relay accepts messages any more; the mails in hand were put back.
        """

    async def close(self) -> None:
        """Close the connection."""
