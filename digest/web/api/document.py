"""The document of the API (OpenAPI 3.1), made from its routes and shapes."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from digest.web.api.problems import MEDIA_TYPE
from digest.web.api.shapes.base import ProblemShape
from digest.web.table import Route

TITLE = "digest"
WORDS = (
    "Editions, previews, approval, sending, deliveries, subscribers and feeds of one installation."
    " Every request needs a token, made at the desk (Settings, API tokens) or with"
    " `digest admin token add`. Times are in UTC. Errors have one shape (RFC 9457)."
)
_SCHEME = "token"
#: The answers that any request may get, by status.
_ERRORS = {
    400: "The body is not JSON.",
    401: "The token is missing, unknown or revoked, or has ended.",
    403: "The token has not the right.",
    404: "What the address names does not exist.",
    409: "The present state does not allow it. A stale version: `version`, `since`, `texts`.",
    413: "The body is too large.",
    422: "A value cannot be used.",
    429: "Too many requests; `Retry-After` says when to try again.",
    503: "The database or the mail server is not available; `Retry-After` says when.",
}


def show(request: Request) -> JSONResponse:
    """Return the document; it has no secrets and needs no token."""
    return JSONResponse(document_of(request.app))


def document_of(app: Any) -> dict[str, Any]:
    """Return the document of the application."""
    document: dict[str, Any] = app.openapi()
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes[_SCHEME] = {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of the API, such as `digest_…`.",
    }
    return document


def responses_of(route: Route) -> dict[int | str, dict[str, Any]]:
    """Return the errors that a route may answer."""
    without = () if route.is_change else (400, 413)
    schema = {"$ref": f"#/components/schemas/{ProblemShape.model_config['title']}"}
    return {
        status: {
            "description": words,
            "model": ProblemShape,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status, words in _ERRORS.items()
        if status not in without
    }


def security_of(route: Route) -> dict[str, Any]:
    """Return what the document says about the token of a route."""
    if route.right is None:
        return {"security": []}
    return {"security": [{_SCHEME: []}], "x-right": str(route.right)}
