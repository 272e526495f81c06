"""Changes of address that wait for their confirmation at both ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0014'
down_revision = '0013'


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        'address_changes',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('newsletter', sa.String(length=64), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('address', sa.String(length=320), nullable=False),
        sa.Column('created_at', UtcDateTime(), nullable=False),
        sa.Column('old_agreed_at', UtcDateTime(), nullable=True),
        sa.Column('new_agreed_at', UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'refused')", name='address_change_state_is_known'
        ),
        sa.ForeignKeyConstraint(['person_id'], ['people.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
        sqlite_autoincrement=True,
    )
    op.create_index('address_changes_of_person', 'address_changes', ['person_id'])
