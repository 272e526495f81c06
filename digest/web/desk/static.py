"""The style sheet and the scripts of the desk."""

from __future__ import annotations

from fastapi import HTTPException, Request
from fastapi.responses import Response

#: The address of a file changes with its content.
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}


def show(request: Request, version: str, name: str) -> Response:
    """Return a file, to be kept for a year; 404 for another version."""
    pages = request.app.state.door.pages
    found = pages.file(name)
    if found is None or pages.address_of(name) != f"/static/{version}/{name}":
        raise HTTPException(404)
    content, kind = found
    return Response(content, media_type=kind, headers=_FOR_EVER)
