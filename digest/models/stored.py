"""An edition and its variants as stored: rows, with what is JSON still as text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.deliveries import EditionState


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdition:
    """An edition's row: where it stands, and its snapshot as text."""

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
    #: Of the content and the audience rule that a person, or the freeze, approved; empty: none.
    approved_hash: str = ""
    #: Whether a person let it go although its audience differs much from the last one's.
    is_audience_accepted: bool = False
    #: What an editor typed for it, `digest.models.Typed` as JSON; empty: nothing.
    typed: str = ""
    #: Whether an editor has had a hand in it.
    is_edited: bool = False
    key_id: str
    #: Wall clock of the slot in the newsletter's zone.
    local_at: str
    due_at: datetime
    composed_at: datetime
    frozen_at: datetime | None
    frozen_count: int
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVariant:
    """One variant of a frozen edition, without its mail."""

    id: int
    edition_id: int
    key: str
    #: The rule it was made by: categories as JSON (empty: all), where the window starts, and what
    #: the subscriber chose of its looks.
    categories: str
    since_seq: int
    language: str
    text_size: str
    subject: str
    story_count: int
    #: `Finding`s as JSON.
    findings: str
