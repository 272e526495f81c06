"""The imports of uploaded files; the files themselves are in the state folder."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from digest.models import Upload, UploadOptions, UploadReport, UploadState
from digest.store.tables import uploads


def add_upload(connection: Connection, upload: Upload) -> None:
    """Store a new upload."""
    values = asdict(upload)
    values["options"] = json.dumps(values["options"])
    values["report"] = json.dumps(values["report"]) if upload.report else ""
    connection.execute(insert(uploads).values(values))


def find_upload(connection: Connection, token: str) -> Upload | None:
    """Return an upload; None if it does not exist, or was deleted."""
    row = connection.execute(select(uploads).where(uploads.c.token == token)).mappings()
    found = row.one_or_none()
    return _upload(found) if found else None


def list_uploads(connection: Connection, *, most: int) -> tuple[Upload, ...]:
    """Return the uploads, the newest first; there are few, because old ones are deleted."""
    query = select(uploads).order_by(uploads.c.uploaded_at.desc(), uploads.c.token).limit(most)
    return tuple(map(_upload, connection.execute(query).mappings()))


def begin(
    connection: Connection, token: str, state: UploadState, *, unseen_since: datetime, now: datetime
) -> bool:
    """Begin the check or the import of an upload; return False if a process is at it.

    An import begins once after its check, and again after it failed or its process was not seen
    since a time.
    """
    is_stopped = uploads.c.seen_at < unseen_since
    is_ready = uploads.c.state.in_((UploadState.CHECKED, UploadState.FAILED))
    changed = connection.execute(
        update(uploads)
        .where(uploads.c.token == token, uploads.c.state != UploadState.DONE, is_ready | is_stopped)
        .values(state=state, rows_read=0, problem="", seen_at=now)
    )
    return changed.rowcount > 0


def save_progress(connection: Connection, token: str, rows_read: int, *, now: datetime) -> None:
    """Store how many rows were read."""
    _save(connection, token, rows_read=rows_read, seen_at=now)


def save_report(
    connection: Connection, token: str, state: UploadState, report: UploadReport, *, now: datetime
) -> None:
    """Store the end of the check or of the import."""
    total = sum(report.counts.values())
    _save(
        connection,
        token,
        state=state,
        report=json.dumps(asdict(report)),
        rows_read=total,
        rows_total=total,
        seen_at=now,
    )


def save_failure(connection: Connection, token: str, problem: str, *, now: datetime) -> None:
    """Store why the check or the import failed."""
    _save(connection, token, state=UploadState.FAILED, problem=problem, seen_at=now)


def delete_upload(connection: Connection, token: str) -> bool:
    """Delete an upload; return whether there was one."""
    return connection.execute(delete(uploads).where(uploads.c.token == token)).rowcount > 0


def old_tokens(connection: Connection, *, unseen_since: datetime) -> tuple[str, ...]:
    """Return the tokens of the uploads that no process has touched since a time."""
    query = select(uploads.c.token).where(uploads.c.seen_at < unseen_since)
    return tuple(connection.scalars(query))


def _save(connection: Connection, token: str, **values: Any) -> None:
    connection.execute(update(uploads).where(uploads.c.token == token).values(values))


def _upload(row: RowMapping) -> Upload:
    options = json.loads(row["options"])
    options["ignored"] = tuple(options["ignored"])
    return Upload(
        **{
            **row,
            "state": UploadState(row["state"]),
            "options": UploadOptions(**options),
            "report": _report(row["report"]),
        }
    )


def _report(stored: str) -> UploadReport | None:
    if not stored:
        return None
    found = json.loads(stored)
    return UploadReport(
        **{
            **found,
            "refused": tuple(tuple(each) for each in found["refused"]),
            "unread": tuple(found["unread"]),
            "warnings": tuple(found["warnings"]),
        }
    )
