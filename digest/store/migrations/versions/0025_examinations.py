"""What was looked at before an approval, so that later changes can be shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0025'
down_revision = '0024'


def upgrade() -> None:
    """Bring the schema forward; approvals stay valid, what they named is not known."""
    op.create_table(
        'examinations',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('edition_id', sa.Integer(), nullable=False),
        sa.Column('hash', sa.String(length=64), nullable=False),
        sa.Column('made_from', sa.String(length=64), nullable=False),
        sa.Column('snapshot', sa.Text(), nullable=False),
        sa.Column('report', sa.Text(), nullable=False),
        sa.Column('made_at', UtcDateTime(), nullable=False),
        sa.Column('made_by', sa.String(length=64), nullable=False),
        sa.Column('mark', sa.String(length=16), nullable=False, server_default=''),
        sa.Column('marked_at', UtcDateTime(), nullable=True),
        sa.Column('marked_by', sa.String(length=64), nullable=False, server_default=''),
        sa.ForeignKeyConstraint(['edition_id'], ['editions.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('edition_id', 'hash'),
    )
