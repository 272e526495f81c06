"""The posts of a window by title alone, which is quick for any number of long posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, func, or_, select

from digest.store.choices import CadenceName, in_window
from digest.store.tables import choices, post_categories, posts

#: Far more than any edition has; bounds the time for a long window.
_MOST_ROWS = 5_000


class Headline(NamedTuple):
    """The title of a post."""

    post_id: int
    #: The editor's, else the feed's; may be empty.
    title: str
    url: str
    #: Those of the wanted categories that it has, in any order.
    categories: tuple[str, ...]


def headlines_since(
    connection: Connection, of: CadenceName, since_seq: int, categories: Sequence[str]
) -> tuple[Headline, ...]:
    """Return the mailable posts after `since_seq`: pinned ones first, then the newest first.

    Posts that an editor dropped, and those without a link, are left out.

    Args:
        connection: a connection inside a transaction.
        of: the cadence, whose new numbers for posts kept by an editor count.
        since_seq: the end of the previous window.
        categories: the categories, of which a post must have one.
    """
    chosen = and_(choices.c.post_id == posts.c.id, choices.c.newsletter == of.newsletter)
    place = func.coalesce(choices.c.pinned, 0)
    query = (
        select(
            posts.c.id,
            func.coalesce(choices.c.title, posts.c.title).label("title"),
            posts.c.url,
            post_categories.c.category,
        )
        .distinct()
        .add_columns(
            case((place != 0, 0), else_=1).label("rank"), place.label("place"), posts.c.seq
        )
        .join(post_categories, post_categories.c.post_id == posts.c.id)
        .outerjoin(choices, chosen)
        .where(
            in_window(since_seq, None, of),
            posts.c.mailable.is_(True),
            posts.c.url != "",
            post_categories.c.category.in_(categories),
            or_(choices.c.is_dropped.is_(None), choices.c.is_dropped.is_(False)),
        )
        .order_by("rank", "place", posts.c.seq.desc())
        .limit(_MOST_ROWS)
    )
    found: dict[int, tuple[Any, list[str]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.id, (row, []))[1].append(row.category)
    return tuple(
        Headline(post_id=post_id, title=row.title, url=row.url, categories=tuple(named))
        for post_id, (row, named) in found.items()
    )
