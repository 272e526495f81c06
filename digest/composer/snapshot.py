"""An edition as text: the canonical JSON that is stored, and the hash that approval names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter

from digest.errors import SchemaError
from digest.models import Edition

#: How the text is laid out: its `format` key. A text without the key is of format 0.
FORMAT = 1
#: What format 0 kept among the edition's own fields.
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
    """Return the edition as canonical JSON: keys sorted, no spaces; equal ones give equal text."""
    plain = {"format": FORMAT, **_EDITION.dump_python(edition, mode="json")}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def edition_from_json(text: str) -> Edition:
    """Read back what `edition_to_json` wrote, also that of an earlier program.

    What this program wrote equals the edition that was written. A field that was added later has
    its default; a field that moves, or that has no default, needs a new format.

    Raises:
        ValueError: the text is not an edition.
        SchemaError: a newer program wrote it.
    """
    return _EDITION.validate_python(upgrade(json.loads(text)))


def upgrade(plain: Any) -> Any:
    """Return an edition's stored JSON in this program's format.

    Raises:
        ValueError: it is not an edition.
        SchemaError: a newer program wrote it.
    """
    found = plain.get("format", 0) if isinstance(plain, dict) else None
    if not isinstance(found, int) or found < 0:
        raise ValueError("an edition must be an object with a format number, or with none")
    if found > FORMAT:
        raise SchemaError(
            f"an edition is stored in format {found}, this program reads up to {FORMAT};"
            " use the newer program"
        )
    for step in _UPGRADES[found:]:
        plain = step(plain)
    return plain


def _gather_masthead(plain: dict[str, Any]) -> dict[str, Any]:
    """Format 0 to 1: what is printed around the posts is one value."""
    kept = {name: value for name, value in plain.items() if name not in _MASTHEAD}
    masthead = {name: plain[name] for name in _MASTHEAD if name in plain}
    return {**kept, "masthead": masthead, "format": 1}


#: From each format to the next; the first is of format 0.
_UPGRADES: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (_gather_masthead,)


def keep_text(edition: Edition, before: str) -> str:
    """Return the edition as text: `before` itself where that already reads as this edition.

    What an earlier program stored keeps its text, and so its hash and its approval, for as long
    as its content stays as it is.

    Args:
        edition: to be stored.
        before: what is stored now; empty: nothing.
    """
    if before and edition_from_json(before) == edition:
        return before
    return edition_to_json(edition)


def content_hash(text: str) -> str:
    """Return the SHA-256 of a stored snapshot, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
