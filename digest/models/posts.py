"""Stored posts and comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.models.moderation import Decision, Verdict
from digest.models.parsed import CommentKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A stored post."""

    id: int
    #: Position in the order in which posts became known; windows are cut by it. A post that an
    #: editor kept for the next edition has a new, higher number.
    seq: int
    #: URL of the first feed with this post.
    feed_url: str
    #: Title of that feed.
    feed_title: str
    url: str
    title: str
    author: str
    #: Newsletter categories from all feeds that contain the post.
    categories: tuple[str, ...]
    #: Never in the future: if the feed's date is unreliable, equal to `first_seen_at`.
    published_at: datetime
    first_seen_at: datetime
    summary_html: str
    content_html: str
    image_url: str
    image_alt: str
    #: The feed's `slash:comments`, including pingbacks; None if not given.
    feed_comment_count: int | None
    #: Whether the stored comments are the complete list.
    has_all_comments: bool
    #: The picture's size in bytes as given in the feed; None if not given.
    image_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A stored response to a post."""

    id: int
    #: `id` of the comment that it answers; None if it answers the post.
    parent_id: int | None
    #: As shown on the page; may be empty.
    author: str
    #: None if the source gives no date.
    posted_at: datetime | None
    #: Paragraphs separated by an empty line.
    text: str
    kind: CommentKind
    url: str
    #: None if the source has no votes.
    votes: int | None = None
    #: Whether it waits for an editor's decision.
    is_held: bool = False
    #: Whether no earlier comment by this name is stored at another post of any feed.
    is_first_time: bool = False
    #: An editor's decision; None if there is none.
    decision: Decision | None = None
    #: The answer of the newsletter's own judge; None if it has none, or was not asked.
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPost:
    """One post on its feed's page."""

    id: int
    title: str
    url: str
    author: str
    #: Both aware and in UTC.
    published_at: datetime
    first_seen_at: datetime
    #: Whether mails may have it.
    is_mailable: bool
    #: Why not: `backlog`, `archive`, `dated ahead`, `too old`; empty if they may.
    reason: str
    #: According to the feed; None if it does not say.
    comment_count: int | None
