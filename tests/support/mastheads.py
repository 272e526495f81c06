"""Helpers that let tests set masthead fields as if they were fields of the edition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from digest.models import Edition, Masthead


def split_masthead(
    masthead: Masthead, changes: Mapping[str, Any]
) -> tuple[Masthead, dict[str, Any]]:
    """Return the masthead with the changes of its fields, and the remaining changes."""
    own = {name: value for name, value in changes.items() if name in Masthead.__slots__}
    others = {name: value for name, value in changes.items() if name not in own}
    return replace(masthead, **own), others


def change_edition(edition: Edition, **changes: Any) -> Edition:
    """Return the edition with other values of its fields or of its masthead."""
    masthead, others = split_masthead(edition.masthead, changes)
    return replace(edition, **{"masthead": masthead} | others)
