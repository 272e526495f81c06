"""Whether a failed delivery was judged: does it count against the subscriber?"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'


def upgrade() -> None:
    """Bring the schema forward; what failed before does not count."""
    op.add_column(
        'deliveries',
        sa.Column('is_judged', sa.Boolean(), nullable=False, server_default=sa.text('false')),
    )
    op.execute("UPDATE deliveries SET is_judged = true WHERE state = 'failed'")
    op.create_index(
        'deliveries_unjudged',
        'deliveries',
        ['edition_id'],
        sqlite_where=sa.text("state = 'failed' AND is_judged = 0"),
        postgresql_where=sa.text("state = 'failed' AND NOT is_judged"),
    )
