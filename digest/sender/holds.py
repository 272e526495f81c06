"""Reasons that hold mails back now: why, until when, and what releases it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HoldKind(StrEnum):
    """The brake that holds."""

    #: A relay cannot be reached, or its sessions break.
    RELAY_DOWN = "relay-down"
    #: A relay refuses the password, or its certificate is not trusted.
    RELAY_REFUSES = "relay-refuses"
    #: The relay asked for fewer mails per second.
    RELAY_SLOWED = "relay-slowed"
    #: The day's mails over a relay were sent.
    DAILY_LIMIT = "daily-limit"
    #: A domain of recipients asked for fewer mails per second.
    DOMAIN_SLOWED = "domain-slowed"
    #: A domain of recipients refuses mails for reasons that are not its recipients'.
    DOMAIN_PAUSED = "domain-paused"
    #: The first mails of an edition are judged before the others are sent.
    CANARY = "canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One brake that holds mails back."""

    kind: HoldKind
    #: A clause that names what is held and why: `relay mail:587: connection refused`.
    reason: str
    #: When it ends by itself; None if it does not, or nobody knows when.
    until: datetime | None = None
    #: A sentence that says what releases it.
    release: str
