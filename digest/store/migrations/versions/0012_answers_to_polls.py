"""The subscribers' answers to polls, and which editions mailed one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0012'
down_revision = '0011'


def upgrade() -> None:
    """Bring the schema forward."""
    # False for the editions frozen before: their mails had no poll.
    op.add_column(
        'editions',
        sa.Column('asks_poll', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    )
    op.create_table(
        'votes',
        sa.Column('edition_id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('choice', sa.Integer(), nullable=False),
        sa.Column('voted_at', UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['edition_id'], ['editions.id']),
        sa.ForeignKeyConstraint(['person_id'], ['people.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('edition_id', 'person_id'),
    )
    op.create_index('votes_person', 'votes', ['person_id'])
