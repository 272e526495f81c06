"""What editors and judges decided about comments, and people who are never quoted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0028'
down_revision = '0027'


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        'comment_decisions',
        sa.Column('post_id', sa.Integer(), nullable=False),
        sa.Column('external_id', sa.Text(), nullable=False),
        sa.Column('decision', sa.String(length=16), nullable=False),
        sa.Column('content_hash', sa.String(length=64), nullable=False),
        sa.Column('decided_at', UtcDateTime(), nullable=False),
        sa.Column('decided_by', sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(['post_id'], ['posts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('post_id', 'external_id'),
    )
    op.create_table(
        'comment_verdicts',
        sa.Column('comment_id', sa.Integer(), nullable=False),
        sa.Column('judge', sa.String(length=64), nullable=False),
        sa.Column('content_hash', sa.String(length=64), nullable=False),
        sa.Column('verdict', sa.String(length=16), nullable=False),
        sa.Column('reason', sa.Text(), server_default='', nullable=False),
        sa.Column('judged_at', UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['comment_id'], ['comments.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('comment_id', 'judge'),
    )
    op.create_table(
        'no_quotes',
        sa.Column('newsletter', sa.String(length=64), nullable=False),
        sa.Column('person', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('added_at', UtcDateTime(), nullable=False),
        sa.Column('added_by', sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint('newsletter', 'person'),
    )
