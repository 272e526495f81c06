"""Reads JSON with small faults of syntax, as feeds written by templates have them."""

from __future__ import annotations

import json
import re
from typing import Any

# A string, a comment, a comma; everything else is copied.
_PART = re.compile(
    r"(?P<string>\"(?:[^\"\\]|\\.|(?!))*+\"?)|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<comma>,)"
    r"|(?P<space>\s+)|(?P<rest>[^\s,\"/]+|/)",
    re.DOTALL,
)
_WRONG_ESCAPE = re.compile(r"\\(\\|[\"/bfnrt]|u[0-9a-fA-F]{4})|\\")
#: What servers put before JSON so that no script can load it, or around it so that one can.
_BEFORE = re.compile(r"[^\[{]{0,200}(?=[\[{])")
_decoder = json.JSONDecoder(strict=False)


def load_json(text: str) -> Any:
    """Return the value of a JSON text with small faults.

    Comments, superfluous commas, wrong escapes, control characters in strings, and what is before
    and after the value are passed over.

    Raises:
        ValueError: the text is not JSON, even so.
        RecursionError: it is nested too deeply.
    """
    try:
        return json.loads(text, strict=False)
    except ValueError as error:
        try:
            return _decoder.raw_decode(_mended(text))[0]
        except ValueError:
            raise error from None


def _mended(text: str) -> str:
    kept: list[str] = []
    for found in _PART.finditer(text):
        part = found[0]
        if found["comment"] or found["space"]:
            continue
        if found["string"]:
            part = _WRONG_ESCAPE.sub(lambda escape: escape[0] if escape[1] else "", part)
        # A comma stands between two values.
        if kept and kept[-1] == "," and (part == "," or part[0] in "]}"):
            kept.pop()
        if part == "," and (not kept or kept[-1][-1] in "[{"):
            continue
        kept.append(part)
    return _BEFORE.sub("", "".join(kept), count=1)
