"""Sign-ups that wait for a confirmation, and the marks that limit them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from subscribers.columns import UtcDateTime

revision = '0013'
down_revision = '0012'


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        'sign_ups',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('newsletter', sa.String(length=64), nullable=False),
        sa.Column('at', UtcDateTime(timezone=True), nullable=False),
        sa.Column('address', sa.String(length=320), server_default='', nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=True),
        sa.Column('choices', sa.Text(), server_default='', nullable=False),
        sa.Column('wording', sa.Text(), server_default='', nullable=False),
        sa.Column('source', sa.String(length=64), server_default='', nullable=False),
        sa.Column('is_new', sa.Boolean(), server_default=sa.text('false'), nullable=False),
        sa.ForeignKeyConstraint(
            ['person_id'], ['people.id'], name='sign_ups_person', ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('person_id', 'newsletter'),
    )
    op.create_index(
        'sign_ups_waiting',
        'sign_ups',
        ['id'],
        sqlite_where=sa.text("address <> ''"),
        postgresql_where=sa.text("address <> ''"),
    )
    op.create_table(
        'sign_up_marks',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('hash', sa.String(length=64), nullable=False),
        sa.Column('kind', sa.String(length=16), nullable=False),
        sa.Column('at', UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('sign_up_marks_hash', 'sign_up_marks', ['hash', 'at'])
    op.create_index('sign_up_marks_at', 'sign_up_marks', ['kind', 'at'])
