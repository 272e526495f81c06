"""The marks of mails that were read over POP, which has none of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        'read_mails',
        sa.Column('mailbox', sa.String(length=64), nullable=False),
        sa.Column('mail', sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint('mailbox', 'mail'),
    )
