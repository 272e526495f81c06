"""What a relay refused: stops and held windows of an edition; its sender is frozen with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0006'
down_revision = '0005'


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column('editions', sa.Column('sender', sa.String(length=320), server_default='', nullable=False))
    op.add_column('editions', sa.Column('last_error', sa.Text(), server_default='', nullable=False))
    op.add_column('editions', sa.Column('stops', sa.Integer(), server_default='0', nullable=False))
    op.add_column('editions', sa.Column('retry_at', UtcDateTime(), nullable=True))
    op.add_column('editions', sa.Column('are_windows_held', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('deliveries', sa.Column('since_seq', sa.Integer(), nullable=True))
    op.add_column('deliveries', sa.Column('reopened_at', UtcDateTime(), nullable=True))
    op.create_index(
        'editions_held',
        'editions',
        ['newsletter'],
        sqlite_where=sa.text('are_windows_held = 1'),
        postgresql_where=sa.text('are_windows_held'),
    )
