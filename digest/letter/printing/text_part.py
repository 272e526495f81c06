"""The plain text of a letter: its own template, never a conversion of the HTML."""

from __future__ import annotations

import re

_MANY_BLANK_LINES = re.compile(r"\n{3,}")
_TRAILING_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)


def tidy_text(rendered: str) -> str:
    """Leave no blanks at a line's end, no two empty lines in a row, one line end at the close."""
    trimmed = _TRAILING_BLANKS.sub("", rendered)
    return _MANY_BLANK_LINES.sub("\n\n", trimmed).strip("\n") + "\n"
