"""Runs migrations on the connection that `digest.store.migrate` passes."""

from __future__ import annotations

from alembic import context

from digest.store.partial_indexes import metadata
from digest.store.queue_tables import is_ours
from subscribers.tables import metadata as people_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[metadata, people_metadata],
    render_as_batch=True,
    compare_type=True,
    include_name=is_ours,
)
context.run_migrations()
