"""The tables of figures that are counted once and kept."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from digest.store.tables.base import metadata
from subscribers.columns import UtcDateTime

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
