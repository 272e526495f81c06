"""The tables of feeds, their posts and the pictures of posts."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from digest.store.tables.base import metadata
from subscribers.columns import UtcDateTime

feeds = Table(
    "feeds",
    metadata,
    Column("id", Integer, primary_key=True),
    #: As configured.
    Column("url", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False, server_default=""),
    Column("format", String(16), nullable=False, server_default=""),
    Column("etag", Text, nullable=False, server_default=""),
    Column("last_modified", Text, nullable=False, server_default=""),
    #: Hash of the last body read; an equal body is not parsed again.
    Column("body_hash", String(64), nullable=False, server_default=""),
    #: Hash of a body that could not be read last time (see `last_error`); empty: otherwise.
    Column("refused_hash", String(64), nullable=False, server_default=""),
    Column("added_at", UtcDateTime, nullable=False),
    Column("checked_at", UtcDateTime),
    #: When it was last read without error; null: never, so its next posts are the backlog.
    Column("read_at", UtcDateTime),
    #: Number of failures in a row.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_error", Text, nullable=False, server_default=""),
    #: Not fetched before this time, by its server's `Retry-After`; null: there was none.
    Column("not_before", UtcDateTime),
    #: The feed's `ttl`, `skipHours` and `skipDays` as JSON; empty: it sets none.
    Column("manners", Text, nullable=False, server_default=""),
    #: When its complete document was last received; "not modified" is not trusted forever.
    Column("whole_at", UtcDateTime),
    #: The last target of permanent redirects, and how many times in a row; empty: none.
    Column("moved_to", Text, nullable=False, server_default=""),
    Column("moved_seen", Integer, nullable=False, server_default="0"),
    #: The URL that is fetched since the feed moved permanently; empty: `url`.
    Column("moved_url", Text, nullable=False, server_default=""),
    #: When its server answered 410; it is not fetched any more.
    Column("gone_at", UtcDateTime),
    #: When it last had a new post.
    Column("new_at", UtcDateTime),
    #: Hash of the category rules applied to its posts; other rules are applied again.
    Column("rules_hash", String(64), nullable=False, server_default=""),
    #: Number of posts of its archive that its site began to list; they are kept, not mailed.
    Column("archived", Integer, nullable=False, server_default="0"),
    #: When its document last did not reach back to a known post; null: never.
    Column("gap_at", UtcDateTime),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
    #: The first feed with this post.
    Column("feed_id", ForeignKey("feeds.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("published_raw", Text, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("summary_html", Text, nullable=False),
    Column("content_html", Text, nullable=False),
    Column("image_url", Text, nullable=False),
    Column("image_alt", Text, nullable=False),
    Column("feed_comment_count", Integer),
    Column("content_hash", String(64), nullable=False),
    #: False for posts that are kept without being mailed, with a `reason`.
    Column("mailable", Boolean, nullable=False),
    Column("reason", String(32), nullable=False, server_default=""),
    #: When its page was read, or given up after failures; null: not yet.
    Column("page_read_at", UtcDateTime),
    #: Number of failed attempts before that.
    Column("page_failures", Integer, nullable=False, server_default="0"),
    #: The article from its page, cleaned; empty: not read, or not more than in the feed.
    Column("page_html", Text, nullable=False, server_default=""),
    #: URL of the picture named by its page; empty: none, or the feed has one.
    Column("page_image_url", Text, nullable=False, server_default=""),
    Column("page_image_alt", Text, nullable=False, server_default=""),
    #: Size of the picture at `image_url` as given in the feed; null: not given.
    Column("image_bytes", Integer),
    # Without it, each query for recent posts reads the database pages of every post's content.
    Index("posts_recent", "feed_id", "mailable", "first_seen_at"),
)

#: A post's identity and the feed's categories, in each feed with the post.
post_sources = Table(
    "post_sources",
    metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("feed_id", ForeignKey("feeds.id"), primary_key=True),
    Column("guid", Text, nullable=False),
    #: Normalised link, equal for two spellings of one link; empty without a link.
    Column("url_key", Text, nullable=False),
    #: The feed's own categories of the post, as a JSON list.
    Column("labels", Text, nullable=False, server_default="[]"),
    Index("post_sources_guid", "guid", "feed_id"),
    Index("post_sources_feed", "feed_id", "post_id"),
    Index("post_sources_url", "url_key"),
)

#: The newsletter's categories of a post, by the feed whose rules gave them.
post_categories = Table(
    "post_categories",
    metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("feed_id", ForeignKey("feeds.id"), primary_key=True),
    Column("category", String(200), primary_key=True),
)

#: Fetched pictures, made smaller, by URL and use.
pictures = Table(
    "pictures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    #: `lead` or `thumb`.
    Column("use", String(16), nullable=False),
    #: Random name of its file; empty: it could not be fetched.
    Column("name", String(64), nullable=False, server_default=""),
    #: `image/jpeg` or `image/png`.
    Column("media_type", String(32), nullable=False, server_default=""),
    Column("width", Integer, nullable=False, server_default="0"),
    Column("height", Integer, nullable=False, server_default="0"),
    Column("content", LargeBinary),
    Column("fetched_at", UtcDateTime, nullable=False),
    #: Number of failures in a row.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_error", Text, nullable=False, server_default=""),
    UniqueConstraint("url", "use"),
    Index("pictures_name", "name"),
)
