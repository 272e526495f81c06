"""Late posts, posts that wait for their day, and gaps between two reads of a feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column(
        'feeds', sa.Column('archived', sa.Integer(), server_default='0', nullable=False)
    )
    op.add_column('feeds', sa.Column('gap_at', UtcDateTime(), nullable=True))
    op.create_index(
        'posts_reason',
        'posts',
        ['reason', 'feed_id', 'first_seen_at'],
        sqlite_where=sa.text("reason <> ''"),
        postgresql_where=sa.text("reason <> ''"),
    )
