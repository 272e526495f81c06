"""Editors' changes: places, sections and shortened quotes; versions of drafts; steps to undo."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0024'
down_revision = '0023'


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column('editions', sa.Column('version', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('choices', sa.Column('place', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('choices', sa.Column('section', sa.String(200), nullable=False, server_default=''))
    op.add_column('choices', sa.Column('trims', sa.Text(), nullable=False, server_default=''))
    op.create_table(
        'edits',
        sa.Column('id', sa.Integer(), primary_key=True),
        sa.Column(
            'edition_id', sa.Integer(), sa.ForeignKey('editions.id', ondelete='CASCADE'), nullable=False
        ),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('at', UtcDateTime(), nullable=False),
        sa.Column('actor', sa.String(64), nullable=False),
        sa.Column('what', sa.Text(), nullable=False),
        sa.Column('before', sa.Text(), nullable=False),
        sa.Column('after', sa.Text(), nullable=False),
        sa.Column('is_undone', sa.Boolean(), nullable=False, server_default=sa.text('false')),
    )
    op.create_index('edits_of_edition', 'edits', ['edition_id', 'id'])
