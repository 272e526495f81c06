"""Stored editions and variants: rows whose JSON is still text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.deliveries import EditionState


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdition:
    """The row of an edition, with its snapshot as text."""

    id: int
    slot_id: int
    newsletter: str
    cadence: str
    number: int
    cut_seq: int
    state: EditionState
    paused_reason: str
    #: `digest.models.Edition` as canonical JSON.
    snapshot: str
    content_hash: str
    #: Hash of the approved content and audience rule; empty: not approved. The freeze sets it too.
    approved_hash: str = ""
    #: Whether an editor accepted that its audience differs much from the last edition's.
    is_audience_accepted: bool = False
    #: The number of subscribers that was accepted; None if none was, or by an earlier version.
    accepted_audience: int | None = None
    #: The editor's texts, `digest.models.Typed` as JSON; empty: none.
    typed: str = ""
    #: Whether an editor changed it.
    is_edited: bool = False
    #: Grows with every change by an editor.
    version: int = 0
    #: Whether it is beside the calendar: it has no hour, and only `digest send` freezes it.
    is_extra: bool = False
    #: Whether its mails have the poll of its snapshot; False before the freeze.
    asks_poll: bool = False
    key_id: str
    #: The slot's local time in the newsletter's zone.
    local_at: str
    due_at: datetime
    created_at: datetime
    composed_at: datetime
    frozen_at: datetime | None
    frozen_count: int
    finished_at: datetime | None
    #: Envelope sender as frozen; empty before the freeze.
    sender: str = ""
    #: Where its links lead, as JSON; empty before the freeze, and if an older version froze it.
    identity: str = ""
    #: Why its last run stopped or deferred mails, if a relay was the cause.
    last_error: str = ""
    #: Runs in a row that the relay stopped.
    stops: int = 0
    #: After a stop: when `digest run` tries again.
    retry_at: datetime | None = None
    #: When its first mail is due, which is the day printed in its mails; None before the freeze,
    #: and for editions frozen by earlier versions.
    first_at: datetime | None = None

    @property
    def hour(self) -> str:
        """Its slot for people: `2026-11-23 07:00`, marked if it is beside the calendar."""
        return f"{self.local_at.replace('T', ' ')}{' (extra)' if self.is_extra else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVariant:
    """One variant of a frozen edition, without its mail."""

    id: int
    edition_id: int
    key: str
    #: The rule it was made with: categories as JSON (empty: all), the start of the window, and the
    #: language and text size that the subscriber chose.
    categories: str
    since_seq: int
    language: str
    text_size: str
    subject: str
    story_count: int
    #: `Finding`s as JSON.
    findings: str
