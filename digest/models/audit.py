"""The entries of the audit table: each change, with its actor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person or process that asks for a change."""

    #: The name of an operating system's user, `schedule`, `sender` or `subscriber`.
    name: str
    #: The name of the API token that acts for this person; empty if they act themselves.
    token: str = ""


#: `digest run`.
SCHEDULE = Actor(name="schedule")
#: A send that pauses its own edition.
SENDER = Actor(name="sender")
#: A subscriber who follows a link in a mail.
SUBSCRIBER = Actor(name="subscriber")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change. It contains no address because it is kept when a person is erased."""

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
    #: `Actor.token`.
    token: str = ""

    @property
    def who(self) -> str:
        """The actor for people, such as `anna (token nightly)`."""
        return f"{self.actor} (token {self.token})" if self.token else self.actor
