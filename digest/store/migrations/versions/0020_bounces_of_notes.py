"""Bounces of mails outside an edition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table('bounces') as table:
        table.alter_column('edition_id', existing_type=sa.Integer(), nullable=True)
