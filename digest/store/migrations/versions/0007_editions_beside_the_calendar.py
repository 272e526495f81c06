"""Editions beside the calendar, and the day that an edition's mails print."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column(
        'editions',
        sa.Column('is_extra', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    )
    op.add_column('editions', sa.Column('first_at', UtcDateTime(), nullable=True))
