"""A count of the mails handed over, and why a slot was missed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        'handed',
        sa.Column('worker', sa.String(length=64), nullable=False),
        sa.Column('edition_id', sa.Integer(), nullable=False),
        sa.Column('mails', sa.Integer(), nullable=False),
        sa.Column('last_at', UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['edition_id'], ['editions.id']),
        sa.PrimaryKeyConstraint('worker'),
    )
    op.execute(
        "INSERT INTO handed (worker, edition_id, mails, last_at)"
        " SELECT 'before this count ' || edition_id, edition_id, count(*), max(handing_at)"
        " FROM deliveries WHERE handing_at IS NOT NULL GROUP BY edition_id"
    )
    op.add_column('slots', sa.Column('reason', sa.Text(), server_default='', nullable=False))
    op.add_column(
        'slots',
        sa.Column('is_reported', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    )
    # Slots missed until now were reported one by one. Those without any edition were missed by the
    # clock; the others were cancelled.
    op.execute("UPDATE slots SET is_reported = true WHERE state = 'missed'")
    op.execute(
        "UPDATE slots SET reason = 'it was too late' WHERE state = 'missed'"
        " AND NOT EXISTS (SELECT 1 FROM editions WHERE editions.slot_id = slots.id)"
    )
