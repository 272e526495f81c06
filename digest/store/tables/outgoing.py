"""The tables of what leaves outside an edition: notices and calls of webhooks."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from digest.store.tables.base import metadata
from subscribers.columns import UtcDateTime
from subscribers.tables import people

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
