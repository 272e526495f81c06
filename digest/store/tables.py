"""The tables of feeds, posts, editions and deliveries; people are in `subscribers.tables`.

Indexes over some rows of a table are in `partial_indexes`.
"""

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
from subscribers.tables import people

metadata = MetaData()


#: Data about the database itself, such as the time of the last purge.
meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

#: Row `posts` has the last used `seq`. It is updated inside the intake transaction, so that
#: numbers become visible in order also on engines with concurrent writers.
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

# --- editions -----------------------------------------------------------------------------------

slots = Table(
    "slots",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("newsletter", String(64), nullable=False),
    #: For an edition beside the calendar, the cadence with a mark; see `digest.store.slots`.
    Column("cadence", String(64), nullable=False),
    #: Local time in the newsletter's zone, such as `2026-11-23T07:00`.
    Column("local_at", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    #: `due`, `composed`, `empty`, `missed` or `feeds_down`.
    Column("state", String(16), nullable=False),
    #: Why it was missed, for the operator; `RESTORED`: its mail may have left before a restore.
    Column("reason", Text, nullable=False, server_default=""),
    #: The operator was notified that it was missed.
    Column("is_reported", Boolean, nullable=False, server_default=text("false")),
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
    #: Hash of the approved content and audience rule; empty: not approved.
    Column("approved_hash", String(64), nullable=False, server_default=""),
    #: An editor accepted that its audience differs much from the last edition's.
    Column("is_audience_accepted", Boolean, nullable=False, server_default=text("false")),
    #: The number of subscribers that was accepted; a jump from it is asked again.
    Column("accepted_audience", Integer),
    #: The editor's texts, `digest.models.Typed` as JSON; empty: none.
    Column("typed", Text, nullable=False, server_default=""),
    #: An editor changed it, so it is not refreshed automatically.
    Column("is_edited", Boolean, nullable=False, server_default=text("false")),
    #: Grows with every change by an editor; a change that saw an older one is refused.
    Column("version", Integer, nullable=False, server_default="0"),
    #: It is beside the calendar and uses no slot of the schedule.
    Column("is_extra", Boolean, nullable=False, server_default=text("false")),
    #: Its mails have the poll of its snapshot; false before the freeze.
    Column("asks_poll", Boolean, nullable=False, server_default=text("false")),
    #: Id of the signing key of its links; empty before the freeze.
    Column("key_id", String(16), nullable=False, server_default=""),
    #: Envelope sender; its domain is that of every Message-ID. Empty before the freeze.
    Column("sender", String(320), nullable=False, server_default=""),
    #: Where the links of its mails lead, as JSON; empty before the freeze.
    Column("identity", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("composed_at", UtcDateTime, nullable=False),
    Column("frozen_at", UtcDateTime),
    #: When its first mail is due; its mails print this day.
    Column("first_at", UtcDateTime),
    #: The number of deliveries written by the freeze.
    Column("frozen_count", Integer, nullable=False, server_default="0"),
    Column("finished_at", UtcDateTime),
    #: Why its last run stopped or deferred mails, if a relay was the cause; empty: it was not.
    Column("last_error", Text, nullable=False, server_default=""),
    #: Runs in a row that the relay stopped.
    Column("stops", Integer, nullable=False, server_default="0"),
    #: After a stop: when `digest run` tries again.
    Column("retry_at", UtcDateTime),
    #: When its first mails were judged; null: they were not, or no canary is configured.
    Column("canary_judged_at", UtcDateTime),
    #: Too many of its deliveries are unknown: their subscribers' windows did not move.
    Column("are_windows_held", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint(
        "state IN ('draft', 'approved', 'sending', 'paused', 'finished', 'cancelled')",
        name="edition_state_is_known",
    ),
    Index("editions_newsletter", "newsletter", "id"),
)

#: What was looked at before an approval, see `digest.models.examinations.Examination`.
examinations = Table(
    "examinations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    #: The hash that an approval of it has, and that of the draft it was made from.
    Column("hash", String(64), nullable=False),
    Column("made_from", String(64), nullable=False),
    #: `digest.models.Edition` as canonical JSON.
    Column("snapshot", Text, nullable=False),
    #: `ExaminationReport` as JSON.
    Column("report", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("mark", String(16), nullable=False, server_default=""),
    Column("marked_at", UtcDateTime),
    Column("marked_by", String(64), nullable=False, server_default=""),
    UniqueConstraint("edition_id", "hash"),
)

variants = Table(
    "variants",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(64), nullable=False),
    #: The rule it was made with: a subscriber's categories as JSON (empty: all) and window.
    Column("categories", Text, nullable=False, server_default=""),
    Column("since_seq", Integer, nullable=False),
    #: As the subscriber chose it; empty: the newsletter's language.
    Column("language", String(35), nullable=False, server_default=""),
    Column("text_size", String(16), nullable=False, server_default="normal"),
    Column("subject", Text, nullable=False),
    Column("preheader", Text, nullable=False),
    Column("story_count", Integer, nullable=False),
    #: The encoded mail with places for personal values; null: not rendered, or purged.
    Column("pieces", LargeBinary),
    #: `Finding`s as JSON.
    Column("findings", Text, nullable=False, server_default="[]"),
    #: Names of the subscriber's own fields that the mail prints, separated by commas.
    Column("fields", Text, nullable=False, server_default=""),
    #: Its deliveries, counted at the freeze.
    Column("subscribers", Integer, nullable=False, server_default="0"),
    UniqueConstraint("edition_id", "key"),
)

#: An editor's decisions about a post for one newsletter; they apply to every later draft.
choices = Table(
    "choices",
    metadata,
    Column("newsletter", String(64), primary_key=True),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    #: Position among the pinned posts, from 1, or below 0 if promoted before them; 0: not pinned.
    Column("pinned", Integer, nullable=False, server_default="0"),
    Column("is_dropped", Boolean, nullable=False, server_default=text("false")),
    #: The edition that leaves the post to the next one, as `cadence/slot`; empty: none.
    Column("skips", String(96), nullable=False, server_default=""),
    #: Replaces the feed's text; null: the feed's text is used. The same for the next two.
    Column("title", Text),
    Column("excerpt", Text),
    Column("image_alt", Text),
    #: Ids of the comments to quote, as a JSON list; null: chosen automatically.
    Column("quotes", Text),
    #: Place in its section below the top story, from 1; 0: by rank.
    Column("place", Integer, nullable=False, server_default="0"),
    #: The section that it was moved to; empty: by its categories.
    Column("section", String(200), nullable=False, server_default=""),
    #: Shortened texts of quoted comments, as a JSON list of ids and texts; empty: none.
    Column("trims", Text, nullable=False, server_default=""),
)

#: The changes that editors made to a draft, to be undone; deleted some time after its freeze.
edits = Table(
    "edits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
    #: `editions.version` after the change, or after it was undone or done again.
    Column("version", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),
    #: What it did, in a few words.
    Column("what", Text, nullable=False),
    #: `digest.models.EditedState` as JSON.
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("is_undone", Boolean, nullable=False, server_default=text("false")),
    Index("edits_of_edition", "edition_id", "id"),
)

#: Posts kept for a cadence's next edition, with their new number in its windows. The post's own
#: number stays, for other newsletters and cadences.
carried = Table(
    "carried",
    metadata,
    Column("newsletter", String(64), primary_key=True),
    Column("cadence", String(64), primary_key=True),
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
)

#: Mails outside an edition, such as a reminder, an alert or a confirmation; each is sent once.
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    #: `approval`, `alert`, or a kind of `digest.newsroom.self_service.notes`.
    Column("kind", String(32), nullable=False),
    #: A mail address of the configuration, `webhook`, or a subscriber's public id: their address
    #: is read when the mail is sent.
    Column("recipient", String(320), nullable=False),
    #: The subject of the notice, such as `weekly/2026-11-23T07:00/late`.
    Column("key", String(255), nullable=False),
    Column("text", Text, nullable=False),
    #: `pending`, `sent` or `failed`.
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    #: The subscriber and the newsletter; null and empty for operators.
    Column("person_id", ForeignKey(people.c.id, name="notices_person", ondelete="CASCADE")),
    Column("newsletter", String(64), nullable=False, server_default=""),
    UniqueConstraint("kind", "recipient", "key"),
    Index("notices_of_person", "person_id"),
)

#: Sign-ups that wait for a confirmation, one for each person and newsletter.
sign_ups = Table(
    "sign_ups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("newsletter", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    #: Empty as soon as the person is stored, within seconds.
    Column("address", String(320), nullable=False, server_default=""),
    Column("person_id", ForeignKey(people.c.id, name="sign_ups_person", ondelete="CASCADE")),
    #: The choices as JSON.
    Column("choices", Text, nullable=False, server_default=""),
    #: The words that the form showed.
    Column("wording", Text, nullable=False, server_default=""),
    Column("source", String(64), nullable=False, server_default=""),
    #: This sign-up stored the pending subscription, which is deleted with it.
    Column("is_new", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("person_id", "newsletter"),
)

#: One row for each accepted sign-up and each mail that one caused, to limit both.
sign_up_marks = Table(
    "sign_up_marks",
    metadata,
    Column("id", Integer, primary_key=True),
    #: Keyed hash of a network, or of an address that was mailed; see `digest.store.sign_ups`.
    Column("hash", String(64), nullable=False),
    #: `network` or `address`.
    Column("kind", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("sign_up_marks_hash", "hash", "at"),
    Index("sign_up_marks_at", "kind", "at"),
)

# --- deliveries ---------------------------------------------------------------------------------

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("subscriber_id", Integer, nullable=False),
    Column("variant_id", ForeignKey("variants.id"), nullable=False),
    #: The start of the subscriber's window; null in rows of older versions.
    Column("since_seq", Integer),
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
    #: When `digest resolve` opened it again; its age counts from then.
    Column("reopened_at", UtcDateTime),
    #: Null while the delivery is open.
    Column("ended_at", UtcDateTime),
    #: For `failed`: whether it was judged if it counts against the subscriber.
    Column("is_judged", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("edition_id", "subscriber_id"),
    CheckConstraint(
        # Not IN (…), for which SQLite fills a table at each write; the usual ones first.
        "state = 'handing' OR state = 'sent' OR state = 'claimed' OR state = 'pending'"
        " OR state = 'deferred' OR state = 'skipped' OR state = 'failed' OR state = 'unknown'",
        name="delivery_state_is_known",
    ),
    Index("deliveries_subscriber", "subscriber_id", "edition_id"),
)

#: The number of mails handed over to relays, one row for each worker; the sum only grows. It tells
#: this database from an older copy of it: see `digest.store.statefile`.
handed = Table(
    "handed",
    metadata,
    Column("worker", String(64), primary_key=True),
    #: A worker sends one edition.
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    Column("mails", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)

#: The sending processes. A row stays after a crash until the next release of dead workers.
workers = Table(
    "workers",
    metadata,
    Column("name", String(64), primary_key=True),
    #: A worker sends one edition.
    Column("edition_id", ForeignKey("editions.id"), nullable=False),
    #: Where it runs, for the operator.
    Column("host", String(255), nullable=False),
    Column("process", Integer, nullable=False),
    #: How long it may stay silent, in seconds.
    Column("lease_s", Integer, nullable=False),
    #: Both by the database's clock.
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

#: The mails handed over to each relay with a daily limit, by the hour in which they were.
relayed = Table(
    "relayed",
    metadata,
    Column("relay", String(255), primary_key=True),
    #: Its start.
    Column("hour", UtcDateTime, primary_key=True),
    #: With the mails that a running send has reserved.
    Column("mails", Integer, nullable=False),
)

#: The mails that relays accepted, one row for each minute and sending process; their sum is the
#: number of `sent` deliveries. An empty `worker`: counted later, such as by `digest resolve`.
sent_minutes = Table(
    "sent_minutes",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), primary_key=True),
    #: Its start.
    Column("minute", UtcDateTime, primary_key=True),
    Column("worker", String(64), primary_key=True),
    Column("mails", Integer, nullable=False),
)

#: The deliveries of each edition that has ended, counted when it was closed or resolved.
edition_figures = Table(
    "edition_figures",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), primary_key=True),
    Column("counted_at", UtcDateTime, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    #: Of those that were not sent: `[state, reason, count]` as JSON, the most frequent first.
    Column("reasons", Text, nullable=False, server_default="[]"),
)

#: What happened to each newsletter's subscribers, one row for each day that has passed.
list_days = Table(
    "list_days",
    metadata,
    Column("newsletter", String(64), primary_key=True),
    #: The day in UTC, such as `2026-11-23`.
    Column("day", String(10), primary_key=True),
    #: Confirmed and not suppressed, when the day was counted; null if that was days later.
    Column("subscribers", Integer),
    Column("joined", Integer, nullable=False),
    Column("has_left", Integer, nullable=False),
    Column("complained", Integer, nullable=False),
    #: Persons who are not mailed any more because their mail came back.
    Column("bounced", Integer, nullable=False),
)

#: Editions that an admin ordered to send; `digest run` carries the order out.
send_orders = Table(
    "send_orders",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    #: `Actor.name` of the admin.
    Column("actor", String(64), nullable=False),
    #: Before its hour, and every mail at the same time.
    Column("is_at_once", Boolean, nullable=False),
    #: The admin accepted an audience that differs much from the last one.
    Column("any_audience", Boolean, nullable=False),
    #: Null while it waits for `digest run`.
    Column("ended_at", UtcDateTime),
    #: Why it could not be carried out; empty if it was.
    Column("problem", Text, nullable=False, server_default=""),
)

# --- the operator's webhooks ----------------------------------------------------------------------

#: The configured webhooks, as `digest run` last read them, and how they answer.
webhooks = Table(
    "webhooks",
    metadata,
    #: A hash of its URL, which may be secret.
    Column("key", String(32), primary_key=True),
    #: The newsletters by the kind of event that it gets of them, as JSON; an empty list: of all.
    Column("events", Text, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("succeeded_at", UtcDateTime),
    Column("failed_at", UtcDateTime),
    #: Why the last call failed; empty after one that did not.
    Column("last_error", Text, nullable=False, server_default=""),
)

#: Events to be posted to a webhook; each row is written in the transaction of its event.
webhook_calls = Table(
    "webhook_calls",
    metadata,
    Column("id", Integer, primary_key=True),
    #: The receiver's name for it, the same at each try.
    Column("public_id", String(64), nullable=False, unique=True),
    Column("webhook", String(32), nullable=False),
    #: Such as `edition.sent`.
    Column("kind", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    #: The subscriber, whose address is read when it is posted; null: it is about an edition.
    Column("person_id", ForeignKey(people.c.id, name="webhook_calls_person", ondelete="CASCADE")),
    #: The facts of the event, as JSON; never an address.
    Column("data", Text, nullable=False),
    #: `pending`, `sent` or `failed`.
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Index("webhook_calls_person", "person_id"),
    Index("webhook_calls_ended", "ended_at"),
)

# --- polls --------------------------------------------------------------------------------------

#: The answers to the polls of editions, one for each person; they go when the person is erased.
votes = Table(
    "votes",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), primary_key=True),
    Column("person_id", ForeignKey(people.c.id, ondelete="CASCADE"), primary_key=True),
    #: Number of the answer in the edition's poll, from 1.
    Column("choice", Integer, nullable=False),
    Column("voted_at", UtcDateTime, nullable=False),
    Index("votes_person", "person_id"),
)

# --- bounces ------------------------------------------------------------------------------------

#: Mails that came back or were refused, one row for each report about one subscriber.
bounces = Table(
    "bounces",
    metadata,
    Column("id", Integer, primary_key=True),
    #: Deleted with the person, because `words` may contain the address.
    Column("person_id", ForeignKey(people.c.id, ondelete="CASCADE"), nullable=False),
    #: Null if the mail belonged to no edition, such as a confirmation.
    Column("edition_id", ForeignKey("editions.id")),
    #: A hash of the report's Message-ID; of the whole report if it has none. `session e12`: the
    #: server refused the mail of edition 12.
    Column("report", String(64), nullable=False),
    Column("bounce_class", String(16), nullable=False),
    #: Whether it counts as a failure of the mailbox.
    Column("is_scored", Boolean, nullable=False),
    #: Whether it says that the mailbox or the domain does not exist, which a second one must
    #: confirm.
    Column("is_unconfirmed", Boolean, nullable=False),
    #: What was done: `suppressed`, `unsubscribed`, `counted`, `nothing`.
    Column("outcome", String(16), nullable=False),
    #: What the mail server said, shortened.
    Column("words", Text, nullable=False, server_default=""),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("person_id", "report"),
    Index("bounces_edition", "edition_id", "bounce_class"),
)

# --- counts and imports -------------------------------------------------------------------------

#: Counts over the whole list of subscribers, which are not taken while a page is shown.
stored_counts = Table(
    "stored_counts",
    metadata,
    #: Empty: all people of the installation.
    Column("newsletter", String(64), primary_key=True),
    Column("counted_at", UtcDateTime, nullable=False),
    #: `digest.models.AudienceCounts` or `PeopleCounts` as JSON.
    Column("figures", Text, nullable=False),
)

#: Imports of files that were uploaded at the desk. The file is in the state folder, by the token.
uploads = Table(
    "uploads",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("newsletter", String(64), nullable=False),
    #: The file's name, as the browser gave it.
    Column("name", String(200), nullable=False),
    Column("actor", String(64), nullable=False),
    #: `digest.models.UploadOptions` as JSON.
    Column("options", Text, nullable=False),
    Column("state", String(16), nullable=False),
    #: Rows read so far in this state.
    Column("rows_read", Integer, nullable=False, server_default="0"),
    #: The number of rows; 0 before the check ended.
    Column("rows_total", Integer, nullable=False, server_default="0"),
    #: The report of the check, then that of the import, as JSON; empty before the first.
    Column("report", Text, nullable=False, server_default=""),
    #: Why it failed; empty if it did not.
    Column("problem", Text, nullable=False, server_default=""),
    Column("uploaded_at", UtcDateTime, nullable=False),
    #: When its process was last heard of.
    Column("seen_at", UtcDateTime, nullable=False),
    CheckConstraint(
        "state IN ('checking', 'checked', 'importing', 'done', 'failed')",
        name="upload_state_is_known",
    ),
)

# --- audit --------------------------------------------------------------------------------------

#: Requested changes. Rows are only added.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    #: The name of an operating system's user, `schedule` or `subscriber`.
    Column("actor", String(64), nullable=False),
    #: The use case, such as `approve`.
    Column("action", String(32), nullable=False),
    #: Empty if the change concerns the whole installation.
    Column("newsletter", String(64), nullable=False, server_default=""),
    Column("edition_id", ForeignKey("editions.id")),
    #: What changed, in a few words; never an address.
    Column("detail", Text, nullable=False, server_default=""),
    #: The name of the API token that the actor used; empty: none.
    Column("token", String(64), nullable=False, server_default=""),
    Index("audit_edition", "edition_id"),
)

# --- admins -------------------------------------------------------------------------------------

#: The accounts of the desk.
admins = Table(
    "admins",
    metadata,
    Column("id", Integer, primary_key=True),
    #: In lower case.
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    #: Argon2id, with its parameters; empty if the account signs in through a proxy only.
    Column("password_hash", Text, nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("signed_in_at", UtcDateTime),
)

#: Who is signed in. A row is deleted when its session ends.
admin_sessions = Table(
    "admin_sessions",
    metadata,
    #: SHA-256 of the token in the cookie.
    Column("token_hash", String(64), primary_key=True),
    Column("admin_id", ForeignKey("admins.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    #: The last use, to a few minutes.
    Column("seen_at", UtcDateTime, nullable=False),
    Index("admin_sessions_admin", "admin_id"),
)

#: The tokens of the API. A row is deleted when its token is revoked.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    #: SHA-256 of the token.
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    #: The account that made it; null if it was made on this machine without an account.
    Column("admin_id", ForeignKey("admins.id", ondelete="CASCADE")),
    #: `Actor.name` of who made it.
    Column("maker", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    #: Null: it has no end.
    Column("ends_at", UtcDateTime),
    #: The last use, to a few minutes.
    Column("used_at", UtcDateTime),
    Index("api_tokens_admin", "admin_id"),
)

#: Failed sign-ins that still count.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    #: Keyed hash of a name or of a network.
    Column("hash", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    #: The last one.
    Column("at", UtcDateTime, nullable=False),
    Index("sign_in_failures_at", "at"),
)
