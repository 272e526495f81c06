"""What a leaving ended, and why: a subscriber can come back, and may give a reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table('subscriptions') as batch:
        batch.add_column(
            sa.Column('left_from', sa.String(length=16), server_default='', nullable=False)
        )
        batch.add_column(sa.Column('left_reason', sa.Text(), server_default='', nullable=False))
