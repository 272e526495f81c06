"""Where the links of a frozen edition's mails lead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column('editions', sa.Column('identity', sa.Text(), server_default='', nullable=False))
