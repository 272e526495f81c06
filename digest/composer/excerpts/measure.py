"""How long a text takes to read."""

from __future__ import annotations

from digest.text.measure import measure_for

WORDS_PER_MINUTE = 220
#: A feed that carries fewer words than this carries a summary only.
MIN_FULL_TEXT = 120


def reading_minutes(text: str) -> int | None:
    """Minutes to read `text`, at least 1; None where it is a summary only."""
    measure = measure_for(text)
    size = measure.size(text)
    if size < measure.scale(MIN_FULL_TEXT):
        return None
    return max(1, round(size / measure.scale(WORDS_PER_MINUTE)))
