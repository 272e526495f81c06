"""Events that the operator's webhooks can get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """The kind of an event."""

    #: A draft waits for its approval.
    EDITION_WAITING = "edition.waiting"
    EDITION_APPROVED = "edition.approved"
    #: Every mail of an edition has ended.
    EDITION_SENT = "edition.sent"
    EDITION_PAUSED = "edition.paused"
    SUBSCRIBER_CONFIRMED = "subscriber.confirmed"
    SUBSCRIBER_LEFT = "subscriber.left"
    #: A subscriber is not mailed any more because the mail came back.
    SUBSCRIBER_BOUNCED = "subscriber.bounced"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRule:
    """Which events a webhook gets."""

    #: The name of the webhook in the database.
    key: str
    #: The newsletters by the kind of event that it gets of them; empty: of all.
    wants: Mapping[EventKind, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCall:
    """One event to be posted to one webhook."""

    id: int
    #: The receiver's name for it, the same at each try.
    public_id: str
    webhook: str
    kind: str
    at: datetime
    #: JSON; the facts of the event without its person.
    data: str
    #: The subscriber's public id and address as they are now; empty for an edition.
    subscriber: str
    address: str
    #: The number of tries, with this one.
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookHealth:
    """The health of a webhook."""

    key: str
    #: Events that wait for their delivery.
    waiting: int
    #: When the oldest of them happened; None if none waits.
    waiting_since: datetime | None
    succeeded_at: datetime | None
    failed_at: datetime | None
    #: Why the last call failed; empty if it did not.
    last_error: str
