"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import subscribers.columns

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Upgrade the schema."""
    ${upgrades if upgrades else "pass"}
