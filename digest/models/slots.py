"""Slots: the due moments of a schedule, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One due moment of a schedule."""

    #: Wall clock in the zone, such as `2026-11-23T07:00`; the slot's name.
    local_at: str
    #: The same moment as an instant, in UTC.
    due_at: datetime


class SlotState(StrEnum):
    """What became of a slot."""

    #: Announced; nothing made of it yet.
    DUE = "due"
    COMPOSED = "composed"
    #: Too little was new.
    EMPTY = "empty"
    MISSED = "missed"
    #: No feed could be read; it is tried again as long as `catch_up` lasts.
    FEEDS_DOWN = "feeds_down"
