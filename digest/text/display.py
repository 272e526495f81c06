"""Makes foreign text safe to print on a terminal."""

from __future__ import annotations

import re

# C0 and C1 controls may move a terminal's cursor; bidi overrides (UAX #9) reverse a line.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(line: str) -> str:
    """Return `line` without characters that control a terminal."""
    return _UNPRINTABLE.sub("", line)
