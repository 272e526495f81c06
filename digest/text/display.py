"""Text of strangers on our own screens."""

from __future__ import annotations

import re

# C0 and C1 controls would move a terminal's cursor, bidi overrides (UAX #9) turn a line around.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(line: str) -> str:
    """Give `line` with everything that could command a terminal taken out."""
    return _UNPRINTABLE.sub("", line)
