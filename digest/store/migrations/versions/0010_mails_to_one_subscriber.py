"""Notices to a subscriber, which hold no address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table('notices') as batch:
        batch.add_column(sa.Column('person_id', sa.Integer(), nullable=True))
        batch.add_column(
            sa.Column('newsletter', sa.String(length=64), server_default='', nullable=False)
        )
        batch.create_foreign_key(
            'notices_person', 'people', ['person_id'], ['id'], ondelete='CASCADE'
        )
    op.create_index(
        'notices_due',
        'notices',
        ['next_at'],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index('notices_of_person', 'notices', ['person_id'])
