"""The audience that an editor accepted, and deferred mails in the order of their next try."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column('editions', sa.Column('accepted_audience', sa.Integer(), nullable=True))
    op.create_index(
        'deliveries_deferred',
        'deliveries',
        ['edition_id', 'state', 'next_at', 'id'],
        sqlite_where=sa.text("state = 'deferred'"),
        postgresql_where=sa.text("state = 'deferred'"),
    )
