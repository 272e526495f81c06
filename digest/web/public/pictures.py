"""Pictures of posts for mails and web views; public, and never changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from fastapi.responses import Response

from digest.web.public.visit import OnPublic, known

#: Names are random; a request for any other form never reaches the database.
FileName = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{16,64}\.(jpg|png)$")]

_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    # A name is never reused.
    "cache-control": "public, max-age=31536000, immutable",
    # Webmail clients show them on their own pages.
    "cross-origin-resource-policy": "cross-origin",
}


def show(visit: OnPublic, file: FileName) -> Response:
    """Return a picture of a post."""
    found = known(visit.door.pictures(file))
    return Response(found.content, media_type=found.media_type, headers=_HEADERS)
