"""Who changed what: the entries of the audit table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks for a change."""

    #: A name of the operating system, `schedule` or `subscriber`.
    name: str


#: `digest run`, at its ticks.
SCHEDULE = Actor(name="schedule")
#: A subscriber, by a link of a mail.
SUBSCRIBER = Actor(name="subscriber")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change. It names no address: the entry outlives the person."""

    at: datetime
    #: `Actor.name`.
    actor: str
    #: The use case, such as `approve`.
    action: str
    #: Empty if the change concerns the whole installation.
    newsletter: str = ""
    #: None if the change concerns no edition.
    edition_id: int | None = None
    #: What changed, in a few words.
    detail: str = ""
