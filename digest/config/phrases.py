"""Turns the validator's findings into messages for the author of a TOML file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Messages by the validator's name of the fault; the braces take the limit.
_PHRASES = {
    "missing": "missing",
    "tuple_type": 'must be a list: ["…", "…"]',
    "dict_type": 'must be a table: {{ "…" = "…" }}',
    "model_type": "must be a table; write its keys below its name in [ ]",
    "string_type": 'must be text in quotes: "…"',
    "path_type": 'must be a path in quotes: "…"',
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} values",
    "too_long": "must have at most {max_length} values",
}


def phrase_of(error: Mapping[str, Any]) -> str:
    """Return the fault of a value and how to write it, without the place."""
    place = error["loc"]
    if error["type"] == "tuple_type" and len(place) == 1:
        return f"must be a list of tables: [[{place[0]}]]"
    phrase = _PHRASES.get(error["type"])
    if phrase is not None:
        return phrase.format(**error.get("ctx", {}))
    said = str(error["msg"]).removeprefix("Value error, ")
    return said.replace("Input should be", "must be", 1)
