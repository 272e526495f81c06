"""Open deliveries by worker, so that the mark of a mail changes no index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'


def upgrade() -> None:
    """Bring the schema forward."""
    op.drop_index('deliveries_open', 'deliveries')
    op.create_index(
        'deliveries_open',
        'deliveries',
        ['edition_id', 'next_at', 'worker', 'not_before', 'id'],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    # The questions about open rows trust these two.
    op.execute("UPDATE deliveries SET next_at = NULL WHERE ended_at IS NULL AND state <> 'deferred'")
    op.execute("UPDATE deliveries SET worker = '' WHERE ended_at IS NULL AND state = 'pending'")
