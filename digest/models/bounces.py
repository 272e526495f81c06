"""Mails that came back, as stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BounceOutcome(StrEnum):
    """The action that a report led to."""

    #: The address is never mailed again.
    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    #: A failure was counted.
    COUNTED = "counted"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBounce:
    """One report about one subscriber."""

    person_id: int
    #: None if the mail belonged to no edition, such as a confirmation.
    edition_id: int | None
    #: A hash of the report's Message-ID; of the whole report if it has none.
    report: str
    #: `BounceClass` of the room of bounces, or `unsubscribe`.
    bounce_class: str
    #: Whether it counts as a failure of the mailbox.
    is_scored: bool
    #: Whether it says that the domain does not exist, which a second report must confirm.
    is_unconfirmed: bool
    outcome: BounceOutcome
    #: What the mail server said, shortened; may contain the address.
    words: str
    #: When it was read, aware.
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedSubscriber:
    """The subscriber that a mail went to."""

    person_id: int
    #: Read at the time of the bounce.
    address: str
    newsletter: str
    #: None if the mail belonged to no edition.
    edition_id: int | None
    #: Whether the address has changed since the mail, so that it came back from another mailbox.
    has_moved: bool
