"""The tables of mails that came back."""

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
)

from digest.store.tables.base import metadata
from subscribers.columns import UtcDateTime
from subscribers.tables import people

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

#: The mails of a mailbox that were read, where the mailbox has no marks itself, as over POP.
read_mails = Table(
    "read_mails",
    metadata,
    #: A hash of what names the account.
    Column("mailbox", String(64), primary_key=True),
    #: A hash of the server's unique-id of the mail (RFC 1939 section 7).
    Column("mail", String(64), primary_key=True),
)
