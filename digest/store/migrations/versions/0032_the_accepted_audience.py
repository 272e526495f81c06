"""The number of subscribers that an editor accepted for an edition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0030'


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column('editions', sa.Column('accepted_audience', sa.Integer(), nullable=True))
