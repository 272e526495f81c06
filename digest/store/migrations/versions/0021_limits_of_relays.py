"""Mails of a day over each relay, and the judgement of an edition's first mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0021'
down_revision = '0020'


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        'relayed',
        sa.Column('relay', sa.String(length=255), nullable=False),
        sa.Column('hour', UtcDateTime(), nullable=False),
        sa.Column('mails', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('relay', 'hour'),
    )
    op.add_column('editions', sa.Column('canary_judged_at', UtcDateTime(), nullable=True))
