"""An audit table: who changed what, when, in which edition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        'audit',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.Column('actor', sa.String(length=64), nullable=False),
        sa.Column('action', sa.String(length=32), nullable=False),
        sa.Column('newsletter', sa.String(length=64), server_default='', nullable=False),
        sa.Column('edition_id', sa.Integer(), nullable=True),
        sa.Column('detail', sa.Text(), server_default='', nullable=False),
        sa.ForeignKeyConstraint(['edition_id'], ['editions.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('audit_edition', 'audit', ['edition_id'])
