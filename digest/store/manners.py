"""What a feed says of itself, in one column."""

from __future__ import annotations

import json
from datetime import timedelta

from digest.models import Manners


def write_manners(manners: Manners) -> str:
    """Give them as JSON; empty where the feed says nothing."""
    if manners == Manners():
        return ""
    interval = manners.min_interval
    return json.dumps(
        {
            "min_interval_s": interval.total_seconds() if interval else None,
            "skip_hours": sorted(manners.skip_hours),
            "skip_days": sorted(manners.skip_days),
        }
    )


def read_manners(written: str) -> Manners:
    """Give what `write_manners` wrote."""
    if not written:
        return Manners()
    stored = json.loads(written)
    interval_s = stored["min_interval_s"]
    return Manners(
        min_interval=timedelta(seconds=interval_s) if interval_s else None,
        skip_hours=frozenset(stored["skip_hours"]),
        skip_days=frozenset(stored["skip_days"]),
    )
