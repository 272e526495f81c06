"""What the database knows of slots and feeds, for alerts to be found from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.deliveries import EditionState


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFacts:
    """A slot of the last days and its edition."""

    newsletter: str
    cadence: str
    #: Wall clock in the newsletter's zone, `2026-11-23T07:00`.
    local_at: str
    due_at: datetime
    #: due, composed, empty, missed, feeds_down.
    state: str
    #: None where the slot has no edition that was not cancelled.
    edition_id: int | None
    edition_state: EditionState | None
    paused_reason: str
    #: Whether a mail of it was sent.
    is_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """How one configured feed does."""

    url: str
    #: Failures in a row.
    failures: int
    #: Last time it was read without error; None: never.
    read_at: datetime | None
    last_error: str
    #: When it answered that it is gone for good; None: it did not.
    gone_at: datetime | None = None
    #: Where permanent redirects led last time, and how many times in a row.
    moved_to: str = ""
    moved_seen: int = 0
