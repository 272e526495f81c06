"""Open deliveries in the order of their hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'


def upgrade() -> None:
    """Bring the schema forward."""
    op.drop_index('deliveries_open', 'deliveries')
    op.create_index(
        'deliveries_open',
        'deliveries',
        ['edition_id', 'state', 'not_before', 'id'],
        sqlite_where=sa.text('ended_at IS NULL'),
        postgresql_where=sa.text('ended_at IS NULL'),
    )
