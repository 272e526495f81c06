"""Durations as the configuration writes them."""

from __future__ import annotations

from datetime import timedelta

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))


def duration_text(duration: timedelta) -> str:
    """Return a duration in its largest whole unit, such as `90d`, `36h` or `45s`."""
    seconds = int(duration.total_seconds())
    for unit, size in _UNITS:
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
