"""Imports of subscribers from an uploaded file: checked first, then started by an admin."""

from __future__ import annotations

import io
import threading
from typing import Annotated, Any

from fastapi import HTTPException, Path
from fastapi.responses import HTMLResponse, Response

from digest.errors import UsageError
from digest.models import UploadOptions
from digest.newsroom import Newsroom
from digest.newsroom.people.uploads import MAX_BYTES
from digest.web.desk.visit import OnVisit
from digest.web.forms import SentFiles, SentForm, first_of

UploadToken = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,64}$")]


def ask(visit: OnVisit) -> HTMLResponse:
    """Show the form of an upload, and the newest uploads."""
    return visit.page("people/import", **_form(visit.newsroom))


def receive(visit: OnVisit, form: SentForm, files: SentFiles) -> Response:
    """Keep a file, and check it in the background."""
    sent = files.get("file")
    newsroom = visit.newsroom
    try:
        token = newsroom.people.receive_upload(
            io.BytesIO(sent.content if sent else b""),
            sent.name if sent else "",
            first_of(form, "newsletter"),
            _options(form),
            by=visit.actor,
        )
    except UsageError as error:
        values = {**_form(newsroom), "typed": form}
        return visit.refused("people/import", str(error), **values)
    _work(newsroom, token)
    return visit.done(f"/subscribers/import/{token}")


def show(visit: OnVisit, token: UploadToken) -> HTMLResponse:
    """Show how far a check or an import is, and its report."""
    page = visit.newsroom.people.show_upload(token)
    if page is None:
        raise HTTPException(404)
    return visit.page("people/upload", page=page)


def start(visit: OnVisit, token: UploadToken) -> Response:
    """Start the import of a checked file."""
    visit.newsroom.people.start_upload(token, by=visit.actor)
    _work(visit.newsroom, token)
    return visit.done(f"/subscribers/import/{token}")


def discard(visit: OnVisit, token: UploadToken) -> Response:
    """Delete an uploaded file."""
    visit.newsroom.people.discard_upload(token, by=visit.actor)
    return visit.done("/subscribers/import", "The file was deleted.")


def _work(newsroom: Newsroom, token: str) -> None:
    """Check or import in a thread that does not keep the server from stopping."""
    name = f"import {token[:6]}"
    threading.Thread(
        target=newsroom.people.run_upload, args=(token,), name=name, daemon=True
    ).start()


def _form(newsroom: Newsroom) -> dict[str, Any]:
    return {
        "newsletters": newsroom.newsletters,
        "uploads": newsroom.people.list_uploads(),
        "max_mb": MAX_BYTES >> 20,
        "typed": {},
    }


def _options(form: SentForm) -> UploadOptions:
    columns = {}
    for line in filter(None, map(str.strip, first_of(form, "columns").splitlines())):
        heading, mark, name = line.rpartition("=")
        if not mark or not heading.strip():
            raise UsageError(f"columns: {line!r} must be HEADING=NAME, such as Opt-out=left")
        columns[heading.strip()] = name.strip().lower()
    ignored = first_of(form, "ignored").splitlines()
    return UploadOptions(
        consent=first_of(form, "consent").strip(),
        seen=first_of(form, "seen"),
        source=first_of(form, "source").strip(),
        columns=columns,
        ignored=tuple(filter(None, map(str.strip, ignored))),
    )
