"""What a reader chose of a letter's looks is part of a variant's rule; an editor's choices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column('variants', sa.Column('language', sa.String(length=35), server_default='', nullable=False))
    op.add_column('variants', sa.Column('text_size', sa.String(length=16), server_default='normal', nullable=False))
    op.add_column('editions', sa.Column('typed', sa.Text(), server_default='', nullable=False))
    op.add_column('editions', sa.Column('is_edited', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_table(
        'choices',
        sa.Column('newsletter', sa.String(length=64), nullable=False),
        sa.Column('post_id', sa.Integer(), nullable=False),
        sa.Column('pinned', sa.Integer(), server_default='0', nullable=False),
        sa.Column('is_dropped', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.Column('skips', sa.String(length=96), server_default='', nullable=False),
        sa.Column('title', sa.Text(), nullable=True),
        sa.Column('excerpt', sa.Text(), nullable=True),
        sa.Column('image_alt', sa.Text(), nullable=True),
        sa.Column('quotes', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['post_id'], ['posts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('newsletter', 'post_id')
    )
    op.create_table(
        'carried',
        sa.Column('newsletter', sa.String(length=64), nullable=False),
        sa.Column('cadence', sa.String(length=64), nullable=False),
        sa.Column('post_id', sa.Integer(), nullable=False),
        sa.Column('seq', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['post_id'], ['posts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('newsletter', 'cadence', 'post_id'),
        sa.UniqueConstraint('seq')
    )
