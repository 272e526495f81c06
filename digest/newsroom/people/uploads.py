"""Imports a file that an admin uploaded: kept, checked without storing anyone, then imported.

The file is in the state folder and is deleted after the import, and after a day at the latest. The
work is done in a thread of the server; its state is in the database, so that any page shows it and
an import whose process ended can be started again: rows that are stored already change nothing.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import BinaryIO

from digest.errors import DigestError, NothingToDo, Refused, StoreError, UsageError
from digest.models import Actor, Upload, UploadOptions, UploadReport, UploadState
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.people import enrol
from digest.newsroom.people.upload_files import forget_old, path_of
from digest.store import uploads
from subscribers.errors import SubscriberError
from subscribers.importing import ImportReport

_log = logging.getLogger(__name__)

#: Larger files are imported at the terminal.
MAX_BYTES = 64 * 1024 * 1024
#: An import whose process was not heard of for this long may be started again.
SILENT = timedelta(minutes=1)
#: Uploads that the page lists.
MOST = 10
#: Refused rows that are kept for the page.
MOST_REFUSED = 100
_CHUNK = 1024 * 1024
_PROGRESS_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPage:
    """One upload as its page shows it."""

    upload: Upload
    #: Whether a process works on it at the moment.
    is_running: bool
    #: Whether an admin may start the import.
    may_start: bool
    #: Whether it was running when its process ended.
    has_stopped: bool


def receive(
    context: RunContext,
    file: BinaryIO,
    name: str,
    newsletter: str,
    options: UploadOptions,
    *,
    by: Actor,
) -> str:
    """Keep an uploaded file for its check; return its token.

    Args:
        context: the installation's context.
        file: the file, open in binary mode.
        name: the file's name, as the browser gave it.
        newsletter: the newsletter's name; empty for the only one.
        options: what the admin said about the file.
        by: the actor.

    Raises:
        UsageError: the newsletter does not exist, the consent is missing, or the file is empty or
            too large; nothing was kept.
        StoreError: the database cannot be written.
    """
    owner = context.newsletter_of(newsletter)
    if not options.consent.strip():
        raise UsageError("consent: say what these people agreed to, or where that is recorded")
    now, token = context.clock(), secrets.token_urlsafe(24)
    path = path_of(context.database, token)
    _keep(file, path)
    upload = Upload(
        token=token,
        newsletter=owner.name,
        name=_shown_name(name),
        actor=by.name,
        options=options,
        state=UploadState.CHECKING,
        rows_read=0,
        rows_total=0,
        report=None,
        problem="",
        uploaded_at=now,
        seen_at=now,
    )
    try:
        with context.database.write() as connection:
            uploads.add_upload(connection, upload)
            record(context, connection, by, "upload people", newsletter=owner.name)
    except DigestError:
        path.unlink(missing_ok=True)
        raise
    forget_old(context.database, now=now)
    return token


def show_upload(context: RunContext, token: str) -> UploadPage | None:
    """Return an upload; None if it does not exist, or was deleted.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        found = uploads.find_upload(connection, token)
    return _page(context, found) if found else None


def list_uploads(context: RunContext) -> tuple[UploadPage, ...]:
    """Return the newest uploads.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        found = uploads.list_uploads(connection, most=MOST)
    return tuple(_page(context, each) for each in found)


def start(context: RunContext, token: str, *, by: Actor) -> None:
    """Allow the import of a checked file; `run` then does it.

    Raises:
        NothingToDo: the upload does not exist any more.
        Refused: it is not checked, or it was imported, or is being imported.
        StoreError: the database cannot be written.
    """
    with context.database.write() as connection:
        found = uploads.find_upload(connection, token)
        if found is None:
            raise NothingToDo("this upload does not exist any more; upload the file again")
        now = context.clock()
        if found.report is None or not uploads.begin(
            connection, token, UploadState.IMPORTING, unseen_since=now - SILENT, now=now
        ):
            raise Refused("this file is not waiting for its import; see its state")
        record(context, connection, by, "start import", newsletter=found.newsletter)


def discard(context: RunContext, token: str, *, by: Actor) -> None:
    """Delete an uploaded file that is not being imported.

    Raises:
        NothingToDo: the upload does not exist any more.
        Refused: it is being imported.
        StoreError: the database cannot be written.
    """
    page = show_upload(context, token)
    if page is None:
        raise NothingToDo("this upload does not exist any more")
    if page.is_running:
        raise Refused("this file is being read; wait until that ends")
    with context.database.write() as connection:
        uploads.delete_upload(connection, token)
        record(context, connection, by, "discard upload", newsletter=page.upload.newsletter)
    path_of(context.database, token).unlink(missing_ok=True)


def run(context: RunContext, token: str) -> None:
    """Check or import an upload, by its state; the result is stored. Raise nothing.

    Called in a thread of its own, so that no request waits for it.
    """
    try:
        with context.database.read() as connection:
            found = uploads.find_upload(connection, token)
        if found is not None and found.state.is_running:
            _run(context, found)
    except (DigestError, SubscriberError, OSError) as error:
        _fail(context, token, str(error))
    except Exception:
        _log.exception("the import of an uploaded file failed")
        _fail(context, token, "an error of this program; see its log")


def _run(context: RunContext, upload: Upload) -> None:
    is_check = upload.state is UploadState.CHECKING
    path = path_of(context.database, upload.token)
    if not path.exists():
        raise UsageError("the file is not kept any more; upload it again")
    options = upload.options
    with path.open("rb") as file:
        report = enrol.import_file(
            context,
            file,
            upload.newsletter,
            consent=options.consent,
            seen=options.seen,
            columns=options.columns,
            ignored=options.ignored,
            source=options.source,
            open_rows=None,
            is_dry_run=is_check,
            on_row=_progress(context, upload.token),
            by=Actor(name=upload.actor),
        )
    state = UploadState.CHECKED if is_check else UploadState.DONE
    with context.database.write() as connection:
        uploads.save_report(
            connection, upload.token, state, _to_report(report), now=context.clock()
        )
    if not is_check:
        path.unlink(missing_ok=True)


def _progress(context: RunContext, token: str) -> Callable[[int], None]:
    """Return the function that stores the number of rows, twice a second at most."""
    last = monotonic()

    def store(rows: int) -> None:
        nonlocal last
        if monotonic() - last < _PROGRESS_S:
            return
        # Only the number on the page: a database that is busy for a moment must not end the import.
        with suppress(StoreError), context.database.write() as connection:
            uploads.save_progress(connection, token, rows, now=context.clock())
        last = monotonic()

    return store


def _fail(context: RunContext, token: str, problem: str) -> None:
    try:
        with context.database.write() as connection:
            uploads.save_failure(connection, token, problem, now=context.clock())
    except DigestError as error:
        _log.error("the end of an import cannot be stored: %s", error)


def _page(context: RunContext, upload: Upload) -> UploadPage:
    is_silent = context.clock() - upload.seen_at > SILENT
    has_stopped = upload.state.is_running and is_silent
    is_ready = upload.state in (UploadState.CHECKED, UploadState.FAILED) or has_stopped
    return UploadPage(
        upload=upload,
        is_running=upload.state.is_running and not is_silent,
        may_start=is_ready and upload.report is not None,
        has_stopped=has_stopped,
    )


def _keep(file: BinaryIO, path: Path) -> None:
    """Copy a file, readable by its owner only."""
    size = 0
    path.touch(mode=0o600, exist_ok=False)
    try:
        with path.open("wb") as kept:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > MAX_BYTES:
                    raise UsageError(
                        f"file: larger than {MAX_BYTES >> 20} MB; import it with"
                        " `digest subscribers import`"
                    )
                kept.write(chunk)
        if not size:
            raise UsageError("file: choose a CSV file that is not empty")
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _shown_name(name: str) -> str:
    """Return the last part of a file's name, without what could hide its end."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in last if each.isprintable())[:200] or "list.csv"


def _to_report(report: ImportReport) -> UploadReport:
    return UploadReport(
        counts={str(outcome): count for outcome, count in report.counts.items()},
        refused=tuple(
            (row.line, row.address, row.column, row.reason) for row in report.refused[:MOST_REFUSED]
        ),
        refused_by=dict(report.refused_by),
        states={str(state): count for state, count in report.states.items()},
        unread=report.unread,
        warnings=report.warnings,
    )
