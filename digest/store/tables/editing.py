"""The tables of what editors choose and change."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from digest.store.tables.base import metadata
from subscribers.columns import UtcDateTime

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
