"""The tables of feeds, posts, editions and deliveries. People live in `subscribers.tables`."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from subscribers.columns import UtcDateTime

metadata = MetaData()

#: Facts about the database itself, such as its epoch.
meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

#: `posts` holds the last `seq` given; updated inside the intake transaction, so that numbers
#: become visible in order on engines with concurrent writers too.
counters = Table(
    "counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Integer, nullable=False),
)

# --- feeds, posts, comments ---------------------------------------------------------------------

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
    #: Hash of the body that could not be read last time, for the reason in `last_error`; empty: the
    #: last turn ended otherwise.
    Column("refused_hash", String(64), nullable=False, server_default=""),
    Column("added_at", UtcDateTime, nullable=False),
    Column("checked_at", UtcDateTime),
    #: Last time it was read without error; null: never, so its backlog is still to be marked.
    Column("read_at", UtcDateTime),
    #: Failures in a row.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_error", Text, nullable=False, server_default=""),
    #: Its server's `Retry-After`: not asked before; null: no such.
    Column("not_before", UtcDateTime),
    #: What the feed says of itself, as JSON: `ttl`, `skipHours`, `skipDays`; empty: nothing.
    Column("manners", Text, nullable=False, server_default=""),
    #: The last time it came whole; an answer that nothing changed is not believed for ever.
    Column("whole_at", UtcDateTime),
    #: Where permanent redirects led, and how many times in a row; empty: nowhere.
    Column("moved_to", Text, nullable=False, server_default=""),
    Column("moved_seen", Integer, nullable=False, server_default="0"),
    #: Where it is asked for since it moved for good; empty: at `url`.
    Column("moved_url", Text, nullable=False, server_default=""),
    #: Answered 410: not asked any more.
    Column("gone_at", UtcDateTime),
    #: The last time it brought a new post.
    Column("new_at", UtcDateTime),
    #: Of the rules by which its posts were filed; others file them anew.
    Column("rules_hash", String(64), nullable=False, server_default=""),
)

posts = Table(
    "posts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
    #: The feed that brought it first.
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
    #: False for the backlog of a new feed; `reason` says why.
    Column("mailable", Boolean, nullable=False),
    Column("reason", String(32), nullable=False, server_default=""),
    #: When its own page was read for what the feed left out, or given up; null: not yet.
    Column("page_read_at", UtcDateTime),
    #: Tries that failed until then.
    Column("page_failures", Integer, nullable=False, server_default="0"),
    #: The article as its page gives it, cleaned; empty: not read, or no more than the feed has.
    Column("page_html", Text, nullable=False, server_default=""),
    #: The picture its page names; empty: none, or the feed named one.
    Column("page_image_url", Text, nullable=False, server_default=""),
    Column("page_image_alt", Text, nullable=False, server_default=""),
    #: Of `image_url`, as the feed tells it; null where it does not.
    Column("image_bytes", Integer),
    # Else each look for recent posts walks over the pages of every post's content.
    Index("posts_recent", "feed_id", "mailable", "first_seen_at"),
)

#: Where a post was seen: its identity in each feed, and the categories it has there.
post_sources = Table(
    "post_sources",
    metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("feed_id", ForeignKey("feeds.id"), primary_key=True),
    Column("guid", Text, nullable=False),
    #: The key under which equal links are equal; empty without a link.
    Column("url_key", Text, nullable=False),
    #: The feed's own categories there, as a JSON list.
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

#: Pictures fetched and made smaller, by where they came from and the size they are for.
pictures = Table(
    "pictures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False),
    #: `lead` or `thumb`.
    Column("use", String(16), nullable=False),
    #: Random name under which it is served; empty where it could not be had.
    Column("name", String(64), nullable=False, server_default=""),
    #: `image/jpeg` or `image/png`.
    Column("media_type", String(32), nullable=False, server_default=""),
    Column("width", Integer, nullable=False, server_default="0"),
    Column("height", Integer, nullable=False, server_default="0"),
    Column("content", LargeBinary),
    Column("fetched_at", UtcDateTime, nullable=False),
    #: Failures in a row.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_error", Text, nullable=False, server_default=""),
    UniqueConstraint("url", "use"),
    Index("pictures_name", "name"),
)

#: Where the comments of a post come from, with validators of their own.
comment_sources = Table(
    "comment_sources",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), nullable=False),
    #: feed, rest, page, import.
    Column("kind", String(16), nullable=False, server_default="feed"),
    Column("url", Text, nullable=False),
    Column("etag", Text, nullable=False, server_default=""),
    Column("last_modified", Text, nullable=False, server_default=""),
    Column("checked_at", UtcDateTime),
    #: Whether the last reading gave the whole list; only then does absence mean deletion.
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
    #: `external_id` of the comment it answers; empty at the top.
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

# --- editions -----------------------------------------------------------------------------------

slots = Table(
    "slots",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("newsletter", String(64), nullable=False),
    Column("cadence", String(64), nullable=False),
    #: Wall clock in the newsletter's zone, `2026-11-23T07:00`.
    Column("local_at", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    #: due, composed, empty, missed, feeds_down.
    Column("state", String(16), nullable=False),
    UniqueConstraint("newsletter", "cadence", "local_at"),
)

editions = Table(
    "editions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("slot_id", ForeignKey("slots.id"), nullable=False),
    Column("newsletter", String(64), nullable=False),
    Column("cadence", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("cut_seq", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("paused_reason", String(64), nullable=False, server_default=""),
    #: `digest.models.Edition` as canonical JSON.
    Column("snapshot", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    #: Of the content and the audience rule that were approved; empty: not approved.
    Column("approved_hash", String(64), nullable=False, server_default=""),
    #: A person let it go although its audience differs much from the last one's.
    Column("is_audience_accepted", Boolean, nullable=False, server_default=text("false")),
    #: What an editor typed for it, `digest.models.Typed` as JSON; empty: nothing.
    Column("typed", Text, nullable=False, server_default=""),
    #: An editor has had a hand in it, so that it is not brought up to date by itself.
    Column("is_edited", Boolean, nullable=False, server_default=text("false")),
    #: The signing key of its links, from the freeze on.
    Column("key_id", String(16), nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("composed_at", UtcDateTime, nullable=False),
    Column("frozen_at", UtcDateTime),
    #: Delivery rows written by the freeze.
    Column("frozen_count", Integer, nullable=False, server_default="0"),
    Column("finished_at", UtcDateTime),
    CheckConstraint(
        "state IN ('draft', 'approved', 'sending', 'paused', 'finished', 'cancelled')",
        name="edition_state_is_known",
    ),
    # One live edition a slot; a cancelled draft may be composed anew.
    Index(
        "editions_one_per_slot",
        "slot_id",
        unique=True,
        sqlite_where=text("state <> 'cancelled'"),
        postgresql_where=text("state <> 'cancelled'"),
    ),
    Index("editions_newsletter", "newsletter", "id"),
)

variants = Table(
    "variants",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(64), nullable=False),
    #: The rule it was made by: a subscriber's categories as JSON (empty: all) and window.
    Column("categories", Text, nullable=False, server_default=""),
    Column("since_seq", Integer, nullable=False),
    #: As the subscriber chose it; empty: the newsletter's.
    Column("language", String(35), nullable=False, server_default=""),
    Column("text_size", String(16), nullable=False, server_default="normal"),
    Column("subject", Text, nullable=False),
    Column("preheader", Text, nullable=False),
    Column("story_count", Integer, nullable=False),
    #: The encoded mail with its personal places marked; null: not rendered, or purged.
    Column("pieces", LargeBinary),
    #: `Finding`s as JSON.
    Column("findings", Text, nullable=False, server_default="[]"),
    UniqueConstraint("edition_id", "key"),
)

#: What an editor decided of a post for one newsletter; outlives every draft.
choices = Table(
    "choices",
    metadata,
    Column("newsletter", String(64), primary_key=True),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    #: Place among those in front, from 1; 0: not pinned.
    Column("pinned", Integer, nullable=False, server_default="0"),
    Column("is_dropped", Boolean, nullable=False, server_default=text("false")),
    #: The edition that goes without it, as `cadence/slot`; empty: none.
    Column("skips", String(96), nullable=False, server_default=""),
    #: In place of the feed's words; null: those of the feed.
    Column("title", Text),
    Column("excerpt", Text),
    Column("image_alt", Text),
    #: Ids of the comments to quote, as a JSON list; null: chosen by rule.
    Column("quotes", Text),
)

#: Posts that a frozen edition went without, for the next one: the number under which the
#: subscribers' windows find each from then on. The post's own number stays, for other newsletters
#: and cadences.
carried = Table(
    "carried",
    metadata,
    Column("newsletter", String(64), primary_key=True),
    Column("cadence", String(64), primary_key=True),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
)

#: Mails outside an edition, such as a reminder or an alert: each is told once.
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    #: `approval`, `alert`.
    Column("kind", String(32), nullable=False),
    #: An address of the configuration, or the name of another channel: `webhook`.
    Column("recipient", String(320), nullable=False),
    #: What it is about, such as `weekly/2026-11-23T07:00/late`.
    Column("key", String(255), nullable=False),
    Column("text", Text, nullable=False),
    #: pending, sent, failed.
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    UniqueConstraint("kind", "recipient", "key"),
)

# --- deliveries ---------------------------------------------------------------------------------

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("subscriber_id", Integer, nullable=False),
    Column("variant_id", ForeignKey("variants.id"), nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    #: For `deferred`: when to try again.
    Column("next_at", UtcDateTime),
    Column("worker", String(64), nullable=False, server_default=""),
    Column("reason", String(64), nullable=False, server_default=""),
    Column("reply_code", Integer),
    Column("reply_text", Text, nullable=False, server_default=""),
    #: The relay that answered.
    Column("relay", String(255), nullable=False, server_default=""),
    Column("claimed_at", UtcDateTime),
    Column("handing_at", UtcDateTime),
    #: Null as long as the row is open.
    Column("ended_at", UtcDateTime),
    UniqueConstraint("edition_id", "subscriber_id"),
    CheckConstraint(
        "state IN ('pending', 'claimed', 'handing', 'sent', 'deferred', 'failed', 'unknown',"
        " 'skipped')",
        name="delivery_state_is_known",
    ),
    # Only open rows are looked for; the index stays small while millions are sent.
    Index(
        "deliveries_open",
        "edition_id",
        "state",
        "id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("deliveries_subscriber", "subscriber_id", "edition_id"),
)

# --- audit --------------------------------------------------------------------------------------

#: Who changed what. Rows are only added.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    #: A name of the operating system, `schedule` or `subscriber`.
    Column("actor", String(64), nullable=False),
    #: The use case, such as `approve`.
    Column("action", String(32), nullable=False),
    #: Empty if the change concerns the whole installation.
    Column("newsletter", String(64), nullable=False, server_default=""),
    Column("edition_id", ForeignKey("editions.id")),
    #: What changed, in a few words; never an address.
    Column("detail", Text, nullable=False, server_default=""),
    Index("audit_edition", "edition_id"),
)
