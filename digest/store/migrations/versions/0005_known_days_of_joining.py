"""Whether the day of joining is the person's own, or only that of an import."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column(
        'subscriptions',
        sa.Column('is_joined_known', sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    # An import without a day of its own wrote one time into all columns of its rows.
    op.execute(
        "UPDATE subscriptions SET is_joined_known = false"
        " WHERE (consent_how IN ('import', 'manual') AND joined_at = consent_at)"
        " OR joined_at = (SELECT created_at FROM people WHERE people.id = subscriptions.person_id)"
    )
