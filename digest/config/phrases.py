"""What the validator finds, in the words of somebody who writes TOML. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: By the validator's name of the fault; in braces what it says of the limit.
_PHRASES = {
    "missing": "missing",
    "tuple_type": 'is no list; write ["…", "…"]',
    "dict_type": 'is no table; write {{ "…" = "…" }}',
    "model_type": "is no table; write its keys below its name in [ ]",
    "string_type": 'is no text; write it in quotes: "…"',
    "path_type": 'is no path; write it in quotes: "…"',
    "bool_type": "is neither true nor false",
    "bool_parsing": "is neither true nor false",
    "int_type": "is no whole number",
    "int_parsing": "is no whole number",
    "int_from_float": "is no whole number",
    "float_type": "is no number",
    "float_parsing": "is no number",
    "finite_number": "is no number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "string_too_long": "is longer than {max_length} characters",
    "too_short": "has {actual_length}; needs at least {min_length}",
    "too_long": "has more than {max_length}",
}


def phrase_of(error: Mapping[str, Any]) -> str:
    """Give what is wrong with a value, and how it is written; the place is not in it."""
    place = error["loc"]
    if error["type"] == "tuple_type" and len(place) == 1:
        return f"is no list of tables; write [[{place[0]}]]"
    phrase = _PHRASES.get(error["type"])
    if phrase is not None:
        return phrase.format(**error.get("ctx", {}))
    said = str(error["msg"]).removeprefix("Value error, ")
    return said.replace("Input should be", "must be", 1)
