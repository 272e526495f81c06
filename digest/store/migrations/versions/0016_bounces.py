"""Mails that came back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0016'
down_revision = '0015'


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        'bounces',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('edition_id', sa.Integer(), nullable=False),
        sa.Column('report', sa.String(length=64), nullable=False),
        sa.Column('bounce_class', sa.String(length=16), nullable=False),
        sa.Column('is_scored', sa.Boolean(), nullable=False),
        sa.Column('is_unconfirmed', sa.Boolean(), nullable=False),
        sa.Column('outcome', sa.String(length=16), nullable=False),
        sa.Column('words', sa.Text(), server_default='', nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['people.id'], ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['edition_id'], ['editions.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('person_id', 'report'),
    )
    op.create_index('bounces_edition', 'bounces', ['edition_id', 'bounce_class'])
