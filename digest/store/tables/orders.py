"""The tables of what admins ask for at the desk and a process carries out."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, String, Table, Text

from digest.store.tables.base import metadata
from subscribers.columns import UtcDateTime

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
