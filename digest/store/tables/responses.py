"""The tables of comments and of the decisions about them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from digest.store.tables.base import metadata
from subscribers.columns import UtcDateTime

#: The sources of the comments of each post, with their validators.
comment_sources = Table(
    "comment_sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), nullable=False),
    #: `feed`, `rest`, `page` or `import`.
    Column("kind", String(16), nullable=False, server_default="feed"),
    Column("url", Text, nullable=False),
    Column("etag", Text, nullable=False, server_default=""),
    Column("last_modified", Text, nullable=False, server_default=""),
    Column("checked_at", UtcDateTime),
    #: Whether the last reading gave the complete list; only then is a missing comment deleted.
    Column("is_complete", Boolean, nullable=False, server_default=text("false")),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_error", Text, nullable=False, server_default=""),
    UniqueConstraint("post_id", "url"),
)

comments = Table(
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), nullable=False),
    Column("source_id", ForeignKey("comment_sources.id", ondelete="CASCADE"), nullable=False),
    Column("external_id", Text, nullable=False),
    #: `external_id` of the comment that it answers; empty: it answers the post.
    Column("parent_external_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("posted_at", UtcDateTime),
    Column("text", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("url", Text, nullable=False),
    Column("votes", Integer),
    Column("held", Boolean, nullable=False, server_default=text("false")),
    Column("first_seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("post_id", "external_id"),
)

#: What an editor decided about a comment. It has the comment's own names, not its id, because a
#: comment that its site removes and shows again gets a new id.
comment_decisions = Table(
    "comment_decisions",
    metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("external_id", Text, primary_key=True),
    #: `released` or `refused`.
    Column("decision", String(16), nullable=False),
    #: Of the name and the text that the editor saw.
    Column("content_hash", String(64), nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    #: `Actor.name`.
    Column("decided_by", String(64), nullable=False),
)

#: The answers of the newsletters' own judges about comments, so that they are asked once.
comment_verdicts = Table(
    "comment_verdicts",
    metadata,
    Column("comment_id", ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True),
    #: Its name in `policy.judge`.
    Column("judge", String(64), primary_key=True),
    #: Of the name and the text that it judged.
    Column("content_hash", String(64), nullable=False),
    #: `print`, `hold` or `refuse`.
    Column("verdict", String(16), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("judged_at", UtcDateTime, nullable=False),
)

#: People who are never quoted, in addition to the configured ones.
no_quotes = Table(
    "no_quotes",
    metadata,
    #: Empty: in no newsletter.
    Column("newsletter", String(64), primary_key=True),
    #: The name folded, so that case and spaces do not matter.
    Column("person", Text, primary_key=True),
    #: As the site shows it.
    Column("name", Text, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    #: `Actor.name`.
    Column("added_by", String(64), nullable=False),
)
