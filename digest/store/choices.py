"""Stored decisions of editors about posts: one row per newsletter and post."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select

from digest.models import Choice
from digest.store.dialect import insert_for
from digest.store.tables import choices, posts


def read_choices(connection: Connection, newsletter: str) -> dict[int, Choice]:
    """Return the editors' decisions for a newsletter, by post id."""
    query = select(choices).where(choices.c.newsletter == newsletter)
    return {row["post_id"]: _choice(row) for row in connection.execute(query).mappings()}


def save_choice(connection: Connection, newsletter: str, post_id: int, choice: Choice) -> None:
    """Store the decisions about a post; replace earlier ones."""
    values = _values(choice)
    new = insert_for(connection, choices).values(newsletter=newsletter, post_id=post_id, **values)
    connection.execute(
        new.on_conflict_do_update(index_elements=["newsletter", "post_id"], set_=values)
    )


def clear(connection: Connection, newsletter: str, post_ids: Sequence[int]) -> None:
    """Delete the decisions about posts."""
    connection.execute(
        delete(choices).where(choices.c.newsletter == newsletter, choices.c.post_id.in_(post_ids))
    )


def last_place(connection: Connection, newsletter: str) -> int:
    """Return the last position among the pinned posts; 0 if none is pinned."""
    query = select(func.max(choices.c.pinned)).where(choices.c.newsletter == newsletter)
    return int(connection.execute(query).scalar() or 0)


def unknown_posts(connection: Connection, post_ids: Sequence[int]) -> tuple[int, ...]:
    """Return the ids of which no post exists."""
    known = set(connection.execute(select(posts.c.id).where(posts.c.id.in_(post_ids))).scalars())
    return tuple(post_id for post_id in post_ids if post_id not in known)


def _values(choice: Choice) -> dict[str, Any]:
    return {
        "pinned": choice.pinned,
        "is_dropped": choice.is_dropped,
        "skips": choice.skips,
        "title": choice.title,
        "excerpt": choice.excerpt,
        "image_alt": choice.image_alt,
        "quotes": None if choice.quotes is None else json.dumps(choice.quotes),
    }


def _choice(row: RowMapping) -> Choice:
    return Choice(
        pinned=row["pinned"],
        is_dropped=row["is_dropped"],
        skips=row["skips"],
        title=row["title"],
        excerpt=row["excerpt"],
        image_alt=row["image_alt"],
        quotes=None if row["quotes"] is None else tuple(json.loads(row["quotes"])),
    )
