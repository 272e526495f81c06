"""Gives posts that an editor kept for the next edition a new number in the windows.

A cadence's windows start at its last cut. A post that was kept back from an edition would stay
before that cut forever, so it gets a number after the cut when the edition is frozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from digest.store.counters import take_seqs
from digest.store.dialect import insert_for
from digest.store.tables import carried, posts


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
