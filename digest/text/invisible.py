"""Removes characters that change a text without being seen."""

from __future__ import annotations

import re

# C0 and C1 controls (except tab, line feed and carriage return), bidi overrides and isolates,
# zero-width space, byte order mark, lone surrogates (JSON may contain them; UTF-8 cannot).
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069"
    r"\ud800-\udfff\ufeff\ufffe\uffff]"
)


def remove_invisible(text: str) -> str:
    """Return `text` without control characters and marks that reverse the reading direction."""
    return _INVISIBLE.sub("", text)
