"""The tables of what people do on the public pages: they sign up and vote."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
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
from subscribers.tables import people

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
