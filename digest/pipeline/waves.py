"""Mail at each subscriber's own hour: one wall clock, read in many zones."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


def local_instant(local_at: str, zone: str, hour: int | None, *, default_zone: str) -> datetime:
    """Give when it is a slot's wall clock where a subscriber lives.

    A time that the clocks skip moves forward by the gap's length, and of one that comes twice the
    first counts, as for slots (PEP 495, fold 0).

    Args:
        local_at: the slot, `2026-11-23T07:00`.
        zone: the subscriber's; empty or unknown: `default_zone`.
        hour: the subscriber's own, full; None: the slot's time.
        default_zone: the newsletter's.
    """
    local = datetime.fromisoformat(local_at)
    if hour is not None:
        local = local.replace(hour=hour, minute=0)
    return local.replace(tzinfo=_zone(zone) or ZoneInfo(default_zone)).astimezone(UTC)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    """Give a zone; None where a subscriber's word names none."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):
        return None
