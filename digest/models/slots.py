"""Slots: the due times of a schedule, and the state of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One due time of a schedule."""

    #: Local time in the zone, such as `2026-11-23T07:00`; identifies the slot.
    local_at: str
    #: The same time in UTC.
    due_at: datetime
    #: Whether it is beside the calendar, for one extra edition: then it is the time of composing.
    is_extra: bool = False


class SlotState(StrEnum):
    """The state of a slot."""

    #: Announced; no edition was composed yet.
    DUE = "due"
    COMPOSED = "composed"
    #: There were too few new posts.
    EMPTY = "empty"
    MISSED = "missed"
    #: No feed could be read; it is tried again until `catch_up` is over.
    FEEDS_DOWN = "feeds_down"


#: The reason of a missed slot whose mail may have left before the database was restored: it is
#: final, and no command takes the slot up again.
RESTORED = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSlot:
    """The last slot of a cadence of which content was handed over."""

    newsletter: str
    cadence: str
    #: Local time in the newsletter's zone, such as `2026-11-23T07:00`.
    local_at: str
    due_at: datetime
    #: When its last mail was handed over.
    handed_at: datetime
