"""Stored decisions of editors about posts, and the posts that they kept for the next edition."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, func, or_, select

from digest.models import Choice
from digest.store.counters import take_seqs
from digest.store.dialect import insert_for
from digest.store.tables import carried, choices, posts


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
        "place": choice.place,
        "section": choice.section,
        "trims": json.dumps(choice.trims, ensure_ascii=False) if choice.trims else "",
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
        place=row["place"],
        section=row["section"],
        trims=tuple((number, text) for number, text in json.loads(row["trims"] or "[]")),
    )


class CadenceName(NamedTuple):
    """One cadence of a newsletter."""

    newsletter: str
    cadence: str


def in_window(
    since_seq: int, cut_seq: int | None = None, of: CadenceName | None = None
) -> ColumnElement[bool]:
    """Return the condition that a post's number is after `since_seq` and not after `cut_seq`.

    Args:
        since_seq: the end of the previous window.
        cut_seq: the end of this window; None if it is open.
        of: the cadence of the window, whose new numbers count; None: only the posts' own count.
    """
    own = _between(posts.c.seq, since_seq, cut_seq)
    if of is None:
        return own
    moved = select(carried.c.post_id).where(_is_of(of))
    here = moved.where(_between(carried.c.seq, since_seq, cut_seq))
    return or_(and_(own, posts.c.id.not_in(moved)), posts.c.id.in_(here))


def carried_seqs(connection: Connection, of: CadenceName) -> dict[int, int]:
    """Return the new numbers of the posts carried over in a cadence, by post id."""
    rows = connection.execute(select(carried.c.post_id, carried.c.seq).where(_is_of(of)))
    return {row.post_id: row.seq for row in rows}


def carry_over(connection: Connection, of: CadenceName, post_ids: Sequence[int]) -> None:
    """Carry posts over to the cadence's next edition; call it in the freeze of this one.

    Each gets a number after this edition's cut, so that every subscriber's next window includes
    it.
    """
    if not post_ids:
        return
    first = take_seqs(connection, len(post_ids)) + 1
    new = insert_for(connection, carried)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[carried.c.newsletter, carried.c.cadence, carried.c.post_id],
            set_={"seq": new.excluded.seq},
        ),
        [
            {**of._asdict(), "post_id": post_id, "seq": seq}
            for seq, post_id in enumerate(post_ids, first)
        ],
    )


def _is_of(cadence: CadenceName) -> ColumnElement[bool]:
    return and_(carried.c.newsletter == cadence.newsletter, carried.c.cadence == cadence.cadence)


def _between(seq: ColumnElement[int], since_seq: int, cut_seq: int | None) -> ColumnElement[bool]:
    after = seq > since_seq
    return after if cut_seq is None else and_(after, seq <= cut_seq)
