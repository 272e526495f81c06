"""An edition as text: the canonical JSON that is stored, and the hash that approval names."""

from __future__ import annotations

import hashlib
import json

from pydantic import TypeAdapter

from digest.models import Edition

_EDITION = TypeAdapter(Edition)


#: Of a story, with the values that are left out. As it was before there were such fields: an
#: approval names the hash of this text.
_LATER_FIELDS: dict[str, object] = {
    "lead_image_url": None,
    "mended": [],
    "is_count_known": True,
    "image_bytes": None,
}


def edition_to_json(edition: Edition) -> str:
    """The edition as canonical JSON: keys sorted, no spaces; equal editions give equal text."""
    plain = _EDITION.dump_python(edition, mode="json")
    for story in plain["stories"]:
        for name, usual in _LATER_FIELDS.items():
            if story[name] == usual:
                del story[name]
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def edition_from_json(text: str) -> Edition:
    """Read back what `edition_to_json` wrote; the result equals the edition that was written.

    Raises:
        ValueError: the text is not an edition.
    """
    return _EDITION.validate_json(text)


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
    """SHA-256 of a stored snapshot, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
