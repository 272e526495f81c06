"""Pictures of posts for mails and web views; public, and never changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import Response

from digest.web.ports import PictureFinder

#: Names are random; a request for any other form never reaches the database.
FileName = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{16,64}\.(jpg|png)$")]

_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    # A name is never reused.
    "cache-control": "public, max-age=31536000, immutable",
    # Webmail clients show them on their own pages.
    "cross-origin-resource-policy": "cross-origin",
}


def picture_routes(find: PictureFinder) -> APIRouter:
    """Return the route of the pictures."""
    router = APIRouter()

    @router.api_route("/i/{file}", methods=["GET", "HEAD"], response_class=Response)
    def show_picture(file: FileName) -> Response:
        found = find(file)
        if found is None:
            raise HTTPException(404)
        return Response(found.content, media_type=found.media_type, headers=_HEADERS)

    return router
