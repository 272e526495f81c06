"""The indexes over some rows of a table.

Apart from the tables, because their options make SQLAlchemy load both engines, and only migrations
and the comparison with them need indexes.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Index, text

from digest.store import tables
from digest.store.tables import (
    audit,
    deliveries,
    editions,
    notices,
    posts,
    sign_ups,
    webhook_calls,
)
from subscribers.tables import people

#: The tables with all their indexes.
metadata = tables.metadata


def _index(
    name: str,
    *columns: ColumnElement[object],
    only_if: str,
    on_sqlite: str = "",
    is_unique: bool = False,
) -> None:
    """Add an index over the rows that meet a condition."""
    Index(
        name,
        *columns,
        unique=is_unique,
        sqlite_where=text(on_sqlite or only_if),
        postgresql_where=text(only_if),
    )


# Posts with a reason are few: the backlog, late posts, and those that wait for their day.
_index(
    "posts_reason",
    posts.c.reason,
    posts.c.feed_id,
    posts.c.first_seen_at,
    only_if="reason <> ''",
)
# One edition per slot, except that a cancelled draft may be composed again.
_index(
    "editions_one_per_slot",
    editions.c.slot_id,
    only_if="state <> 'cancelled'",
    is_unique=True,
)
# The audience of each edition asks for the held ones, and there are nearly never any.
_index(
    "editions_held",
    editions.c.newsletter,
    only_if="are_windows_held",
    on_sqlite="are_windows_held = 1",
)
_index("notices_due", notices.c.next_at, only_if="state = 'pending'")
_index("sign_ups_waiting", sign_ups.c.id, only_if="address <> ''")
# Queries only need open rows; the index stays small with millions of sent ones. Its columns tell
# apart who waits and who is being sent to without the state, which changes once more.
_index(
    "deliveries_open",
    deliveries.c.edition_id,
    deliveries.c.next_at,
    deliveries.c.worker,
    deliveries.c.not_before,
    deliveries.c.id,
    only_if="ended_at IS NULL",
)
# With a limited domain, or a relay in trouble, these may be most of a list.
_index(
    "deliveries_deferred",
    deliveries.c.edition_id,
    deliveries.c.state,  # so that SQLite counts them in the index alone
    deliveries.c.next_at,
    deliveries.c.id,
    only_if="state = 'deferred'",
)
# Nearly always empty.
_index(
    "deliveries_unjudged",
    deliveries.c.edition_id,
    only_if="state = 'failed' AND NOT is_judged",
    on_sqlite="state = 'failed' AND is_judged = 0",
)
# Mails that end so are few; the page of a send counts them at every look.
_index(
    "deliveries_ended_badly",
    deliveries.c.edition_id,
    deliveries.c.state,
    deliveries.c.reason,
    deliveries.c.id,
    only_if="ended_at IS NOT NULL AND state <> 'sent'",
)
# The rate of test mails is limited by their audit rows.
_index("audit_tests", audit.c.at, only_if="action = 'test'")
_index(
    "webhook_calls_due",
    webhook_calls.c.webhook,
    webhook_calls.c.next_at,
    only_if="state = 'pending'",
)
# Suppressed people are few; the desk lists them.
_index("people_suppressed", people.c.id, only_if="suppressed <> ''")
# A search by the beginning of an address needs the order of bytes; SQLite has no other.
Index(
    "people_address_start",
    people.c.address_key,
    postgresql_ops={"address_key": "varchar_pattern_ops"},
).ddl_if("postgresql")
