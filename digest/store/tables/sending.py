"""The tables of deliveries, and of the processes and relays that send them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from digest.store.tables.base import metadata
from subscribers.columns import UtcDateTime

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
