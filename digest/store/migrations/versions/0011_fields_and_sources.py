"""The operator's own fields of people, and where each subscriber came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        'person_fields',
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=32), nullable=False),
        sa.Column('value', sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['people.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('person_id', 'name'),
    )
    op.add_column(
        'subscriptions', sa.Column('source', sa.String(length=64), server_default='', nullable=False)
    )
    op.add_column('variants', sa.Column('fields', sa.Text(), server_default='', nullable=False))
    # How consent was given is also the way on which the subscriber came, as far as it is known.
    op.execute(
        "UPDATE subscriptions SET source = consent_how"
        " WHERE consent_how IN ('form', 'import', 'manual')"
    )
