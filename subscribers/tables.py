"""The tables of people, subscriptions and suppression."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    true,
)

from subscribers.columns import UtcDateTime

metadata = MetaData()

#: One row per person. `suppressed` copies the suppression list, so that SQL can check it.
people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    #: Random; identifies the person in links instead of the address.
    Column("public_id", String(32), nullable=False, unique=True),
    #: Local part as given, domain in lower case and as A-labels.
    Column("address", String(320), nullable=False),
    #: Equal for two spellings of one mailbox.
    Column("address_key", String(320), nullable=False, unique=True),
    Column("name", String(200), nullable=False, server_default=""),
    #: Reasons (`bounced`, `complained`, `manual`, `erased`), comma-joined; empty: may be mailed.
    Column("suppressed", String(200), nullable=False, server_default=""),
    Column("created_at", UtcDateTime, nullable=False),
)

#: The values of the operator's own fields, as `subscribers.fields` normalises them.
person_fields = Table(
    "person_fields",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(32), primary_key=True),
    #: Never empty: a person without the value has no row.
    Column("value", String(200), nullable=False),
)

#: One row per person and newsletter; only `confirmed` is mailed.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("newsletter", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    #: JSON list of category names, sorted; empty string: all, including future ones.
    Column("categories", Text, nullable=False, server_default=""),
    #: Empty: the newsletter's first cadence.
    Column("cadence", String(64), nullable=False, server_default=""),
    #: Empty: the newsletter's language.
    Column("language", String(35), nullable=False, server_default=""),
    Column("text_size", String(16), nullable=False, server_default="normal"),
    #: IANA name; empty: the newsletter's zone.
    Column("zone", String(64), nullable=False, server_default=""),
    #: Hour of the day for `deliver = "local"`; null: the scheduled hour.
    Column("hour", Integer),
    Column("paused_until", UtcDateTime),
    #: The last `seq` that was mailed; null: start at the cut of the newest finished edition.
    Column("seen_seq", Integer),
    Column("joined_at", UtcDateTime, nullable=False),
    #: False: `joined_at` is only the time of the import.
    Column("is_joined_known", Boolean, nullable=False, server_default=true()),
    #: Where the subscriber came from: `form`, `import`, `manual` or a name that the operator gave;
    #: empty: not known.
    Column("source", String(64), nullable=False, server_default=""),
    Column("consent_at", UtcDateTime),
    #: How consent was given: `import`, `form`, `manual`.
    Column("consent_how", String(64), nullable=False, server_default=""),
    #: The words agreed to, or where they are kept.
    Column("consent_text", Text, nullable=False, server_default=""),
    Column("left_at", UtcDateTime),
    #: `one-click`, `page`, `manual`, `complaint`.
    Column("left_how", String(64), nullable=False, server_default=""),
    #: The state that the subscriber's own leaving ended; empty if it is not known.
    Column("left_from", String(16), nullable=False, server_default=""),
    #: Why they left, as `dump_reason` writes it; empty if they did not say.
    Column("left_reason", Text, nullable=False, server_default=""),
    CheckConstraint(
        "state IN ('pending', 'confirmed', 'left', 'bounced', 'complained')", name="state_is_known"
    ),
    Index("subscriptions_audience", "newsletter", "state", "person_id"),
)

#: Keyed hashes of addresses that must not be mailed; kept when a person is erased.
suppressions = Table(
    "suppressions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_hash", String(64), nullable=False, unique=True),
    #: The id of the key of the hash.
    Column("key_id", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

#: Changes of address that wait for their confirmation at both ends, and those that ended lately.
address_changes = Table(
    "address_changes",
    metadata,
    #: Part of the links in its mails, so that no number is used twice.
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    #: In whose name the mails about it are sent.
    Column("newsletter", String(64), nullable=False),
    #: `open`, `done` or `refused`.
    Column("state", String(16), nullable=False),
    #: The new address; empty after the end.
    Column("address", String(320), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    #: When each end agreed; null: not yet.
    Column("old_agreed_at", UtcDateTime),
    Column("new_agreed_at", UtcDateTime),
    CheckConstraint("state IN ('open', 'done', 'refused')", name="address_change_state_is_known"),
    Index("address_changes_of_person", "person_id"),
    sqlite_autoincrement=True,
)
