"""What a reader chose of a letter's looks is part of the rule that a variant was made by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column('variants', sa.Column('language', sa.String(length=35), server_default='', nullable=False))
    op.add_column('variants', sa.Column('text_size', sa.String(length=16), server_default='normal', nullable=False))
