"""Starts the count of a send with what earlier runs did."""

from __future__ import annotations

from digest.models import Progress, StoredEdition
from digest.newsroom.context import RunContext
from digest.store import closing


def start_progress(context: RunContext, frozen: StoredEdition, *, is_new: bool) -> Progress:
    """Return the counts of an edition before a run; one pass over its deliveries.

    Args:
        context: the installation's context.
        frozen: the edition that `freeze_now` returned.
        is_new: whether it was frozen just now, so that nothing needs to be counted.
    """
    if is_new:
        return Progress(edition_id=frozen.id, total=frozen.frozen_count)
    with context.database.read() as connection:
        account = closing.read_accounting(connection, frozen.id)
    return Progress(
        edition_id=frozen.id,
        total=account.frozen,
        sent=account.sent,
        failed=account.failed,
        unknown=account.unknown,
        skipped=account.skipped,
    )
