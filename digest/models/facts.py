"""The stored state of slots and feeds from which alerts are found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.deliveries import EditionState


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFacts:
    """A slot of the last days, and its edition."""

    newsletter: str
    cadence: str
    #: Local time in the newsletter's zone, such as `2026-11-23T07:00`.
    local_at: str
    due_at: datetime
    #: `due`, `composed`, `empty`, `missed` or `feeds_down`.
    state: str
    #: None if the slot has no edition, or only cancelled ones.
    edition_id: int | None
    edition_state: EditionState | None
    paused_reason: str
    #: Whether a mail of the edition was sent.
    is_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """The condition of one configured feed."""

    url: str
    #: Number of failures in a row.
    failures: int
    #: When it was last read without error; None if never.
    read_at: datetime | None
    last_error: str
    #: When its server answered that it is permanently gone; None if it did not.
    gone_at: datetime | None = None
    #: The last target of permanent redirects, and how many times in a row.
    moved_to: str = ""
    moved_seen: int = 0
    #: Number of posts of its archive that its site began to list, which are not mailed.
    archived: int = 0
    #: When its document last did not reach back to a known post; None if never.
    gap_at: datetime | None = None
