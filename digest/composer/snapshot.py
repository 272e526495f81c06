"""Converts editions to the stored canonical JSON and back, and hashes it for the approval."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from digest.errors import SchemaError
from digest.models import Edition

#: The format of the text, in its `format` key; a text without the key has format 0.
FORMAT = 1
#: Masthead fields that format 0 stored as the edition's own fields.
_MASTHEAD = (
    "title",
    "tagline",
    "home_url",
    "policy_url",
    "intro",
    "editor",
    "poll",
    "support",
    "custom",
    "theme",
)
_EDITION = TypeAdapter(Edition)


def edition_to_json(edition: Edition) -> str:
    """Return the edition as canonical JSON; equal editions give equal text.

    Keys are sorted and there are no spaces. `issued_at` is left out, and so are `poll_results` if
    there are none.
    """
    content = _EDITION.dump_python(edition, mode="json", exclude={"issued_at"})
    # An edition without them has the text, and the approval, of one from before they existed.
    if content["poll_results"] is None:
        del content["poll_results"]
    plain = {"format": FORMAT, **content}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# A page of the desk and its frames read the same snapshot again and again; it is immutable.
@lru_cache(maxsize=8)
def edition_from_json(text: str) -> Edition:
    """Read an edition from the output of `edition_to_json`, of this or an earlier version.

    If this version wrote it, the result equals the original edition without `issued_at`. A field
    that was added later has its default; a field that moves, or that has no default, needs a new
    format.

    Raises:
        ValueError: the text is not an edition.
        SchemaError: a newer version of `digest` wrote it.
    """
    return _EDITION.validate_python(upgrade(json.loads(text)))


def upgrade(plain: Any) -> Any:
    """Return an edition's stored JSON in the current format.

    Raises:
        ValueError: the value is not an edition.
        SchemaError: a newer version of `digest` wrote it.
    """
    found = plain.get("format", 0) if isinstance(plain, dict) else None
    if not isinstance(found, int) or found < 0:
        raise ValueError("an edition must be an object; `format` must be a number if present")
    if found > FORMAT:
        raise SchemaError(
            f"an edition is stored in format {found}, but this version of digest reads formats"
            f" up to {FORMAT}; install the newer version"
        )
    for step in _UPGRADES[found:]:
        plain = step(plain)
    return plain


def _gather_masthead(plain: dict[str, Any]) -> dict[str, Any]:
    """Convert format 0 to 1: gather the masthead fields in one value."""
    kept = {name: value for name, value in plain.items() if name not in _MASTHEAD}
    masthead = {name: plain[name] for name in _MASTHEAD if name in plain}
    return {**kept, "masthead": masthead, "format": 1}


#: The conversion from each format to the next; the first converts format 0.
_UPGRADES: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (_gather_masthead,)


def keep_text(edition: Edition, before: str) -> str:
    """Return the edition as text; `before` itself if it already reads as this edition.

    So an edition stored by an earlier version keeps its text, its hash and its approval until its
    content changes.

    Args:
        edition: the edition to store.
        before: the stored text; empty if nothing is stored.
    """
    if before and edition_from_json(before) == replace(edition, issued_at=None):
        return before
    return edition_to_json(edition)


def content_hash(text: str) -> str:
    """Return the SHA-256 of a stored snapshot, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
