"""When each sending process last gave a sign of life."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0018'
down_revision = '0017'


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        'workers',
        sa.Column('name', sa.String(length=64), nullable=False),
        sa.Column('edition_id', sa.Integer(), nullable=False),
        sa.Column('host', sa.String(length=255), nullable=False),
        sa.Column('process', sa.Integer(), nullable=False),
        sa.Column('lease_s', sa.Integer(), nullable=False),
        sa.Column('started_at', UtcDateTime(), nullable=False),
        sa.Column('seen_at', UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['edition_id'], ['editions.id']),
        sa.PrimaryKeyConstraint('name'),
    )
