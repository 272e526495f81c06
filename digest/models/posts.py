"""Posts and comments as stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.parsed import CommentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as stored."""

    id: int
    #: The order in which posts were learned of; only grows; windows are cut by it. A post that an
    #: editor kept for the next edition has the number that it was given then.
    seq: int
    #: The feed that brought it first.
    feed_url: str
    #: Title of that feed.
    feed_title: str
    url: str
    title: str
    author: str
    #: Newsletter categories, of all feeds that carry the post.
    categories: tuple[str, ...]
    #: Never in the future: where the feed's date is not sure, the time of `first_seen_at`.
    published_at: datetime
    first_seen_at: datetime
    summary_html: str
    content_html: str
    image_url: str
    image_alt: str
    #: The feed's `slash:comments`, pingbacks counted in; None where it gives none.
    feed_comment_count: int | None
    #: Whether the stored comments are the whole list.
    has_all_comments: bool
    #: The picture's size as its feed tells it; None where it does not.
    image_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One response under a post, as stored."""

    id: int
    #: `id` of the comment it answers; None at the top.
    parent_id: int | None
    #: As shown on the page; may be empty.
    author: str
    #: None where the source gives no date.
    posted_at: datetime | None
    #: Paragraphs parted by an empty line.
    text: str
    kind: CommentKind
    url: str
    #: None where the source has no votes.
    votes: int | None = None
    #: Waits for an editor.
    is_held: bool = False
    #: Whether nothing was stored before under this name at another post of any feed.
    is_first_time: bool = False
