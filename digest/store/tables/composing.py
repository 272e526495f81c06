"""The tables of slots, of the editions composed for them, and of their variants."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from digest.store.tables.base import metadata
from subscribers.columns import UtcDateTime

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
