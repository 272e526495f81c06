"""Mails that came back, as stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digest.models.deliveries import Reply


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
    """One report about one subscriber, or one refusal of a mail by the recipient's server."""

    person_id: int
    #: None if the mail belonged to no edition, such as a confirmation.
    edition_id: int | None
    #: A hash of the report's Message-ID; of the whole report if it has none. `session e12`: the
    #: server refused the mail of edition 12.
    report: str
    #: `BounceClass` of the room of bounces, or `unsubscribe`.
    bounce_class: str
    #: Whether it counts as a failure of the mailbox.
    is_scored: bool
    #: Whether it says that the mailbox or the domain does not exist, which a second one must
    #: confirm.
    is_unconfirmed: bool
    outcome: BounceOutcome
    #: What the mail server said, shortened; may contain the address.
    words: str
    #: When it was read, or when the server refused the mail; aware.
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One edition whose mail did not arrive in a subscriber's mailbox."""

    edition_id: int
    #: The newest of its reports, aware.
    at: datetime
    #: Whether one of them says that the mailbox or the domain does not exist, to be confirmed.
    is_unconfirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRefusal:
    """The refusal by a mail server after which a delivery failed."""

    delivery_id: int
    #: Negative if the person was erased.
    person_id: int
    reply: Reply
    #: `Outcome.reason`.
    reason: str
    attempts: int
    #: Aware.
    ended_at: datetime


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
