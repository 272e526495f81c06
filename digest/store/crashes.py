"""Counts the crashes of workers in which no mail of their edition was handed over.

A mail that crashes the process that builds it would crash every process that claims it. So an
edition whose workers crash again and again without progress is paused.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from digest.store import approvals
from digest.store.dialect import insert_for
from digest.store.tables import handed, meta, workers

#: After this number of crashes in a row an edition is paused.
MAX_CRASHES = 5


def note_crashes(connection: Connection, dead: Collection[str]) -> str:
    """Count the crash of workers; pause their editions if it is one too many.

    Returns:
        Why an edition was paused; empty if none was.
    """
    crashed = select(workers.c.edition_id).where(workers.c.name.in_(dead)).distinct()
    ids = connection.execute(crashed.order_by(workers.c.edition_id)).scalars().all()
    reasons = [_note_crash(connection, each) for each in ids]
    return next(filter(None, reasons), "")


def _note_crash(connection: Connection, edition_id: int) -> str:
    name = f"crashes {edition_id}"
    mails = select(func.sum(handed.c.mails)).where(handed.c.edition_id == edition_id)
    progress = int(connection.scalar(mails) or 0)
    found = connection.scalar(select(meta.c.value).where(meta.c.name == name)) or "0 -1"
    crashes, known = map(int, str(found).split())
    crashes = crashes + 1 if known == progress else 1
    new = insert_for(connection, meta).values(name=name, value=f"{crashes} {progress}")
    connection.execute(
        new.on_conflict_do_update(index_elements=["name"], set_={"value": new.excluded.value})
    )
    if crashes % MAX_CRASHES:
        return ""
    reason = f"its senders crashed {MAX_CRASHES} times without a mail"
    return reason if approvals.pause(connection, edition_id, reason) else ""
