"""Counts over the whole list, imports at the desk, and searches by the beginning of an address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0027'
down_revision = '0026'


def upgrade() -> None:
    """Bring the schema forward; counts are taken with the next draft, or at the desk."""
    op.create_table(
        'stored_counts',
        sa.Column('newsletter', sa.String(length=64), nullable=False),
        sa.Column('counted_at', UtcDateTime(), nullable=False),
        sa.Column('figures', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('newsletter'),
    )
    op.create_table(
        'uploads',
        sa.Column('token', sa.String(length=64), nullable=False),
        sa.Column('newsletter', sa.String(length=64), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('actor', sa.String(length=64), nullable=False),
        sa.Column('options', sa.Text(), nullable=False),
        sa.Column('state', sa.String(length=16), nullable=False),
        sa.Column('rows_read', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('rows_total', sa.Integer(), nullable=False, server_default='0'),
        sa.Column('report', sa.Text(), nullable=False, server_default=''),
        sa.Column('problem', sa.Text(), nullable=False, server_default=''),
        sa.Column('uploaded_at', UtcDateTime(), nullable=False),
        sa.Column('seen_at', UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('checking', 'checked', 'importing', 'done', 'failed')",
            name='upload_state_is_known',
        ),
        sa.PrimaryKeyConstraint('token'),
    )
    op.add_column(
        'variants', sa.Column('subscribers', sa.Integer(), nullable=False, server_default='0')
    )
    op.execute(
        'UPDATE variants SET subscribers = counted.mails FROM'
        ' (SELECT variant_id, count(*) AS mails FROM deliveries GROUP BY variant_id) AS counted'
        ' WHERE counted.variant_id = variants.id'
    )
    op.create_index(
        'people_suppressed',
        'people',
        ['id'],
        sqlite_where=sa.text("suppressed <> ''"),
        postgresql_where=sa.text("suppressed <> ''"),
    )
    if op.get_bind().dialect.name == 'postgresql':
        op.create_index(
            'people_address_start',
            'people',
            ['address_key'],
            postgresql_ops={'address_key': 'varchar_pattern_ops'},
        )
