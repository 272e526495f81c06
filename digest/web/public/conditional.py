"""Conditional requests (RFC 9110 section 13): an unchanged page is not sent again."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request
from fastapi.responses import Response

#: How long caches may keep a public page: short, because a new edition changes the lists.
MAX_AGE_S = 300


def answer_if_changed(
    request: Request, answer: Response, changed_at: datetime | None = None
) -> Response:
    """Return a complete public response, or 304 if the client has the same.

    Args:
        request: the request, with the validators of the client's copy.
        answer: the response with its whole body; it gets its validators.
        changed_at: when its content last changed, aware; None if that is not known.
    """
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    answer.headers["etag"] = tag
    answer.headers["cache-control"] = f"public, max-age={MAX_AGE_S}"
    if changed_at is not None:
        answer.headers["last-modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    if not _is_known(request, tag, changed_at):
        return answer
    kept = {name: value for name, value in answer.headers.items() if name not in _OF_BODY}
    return Response(status_code=304, headers=kept)


#: Headers that describe a body, which 304 does not have.
_OF_BODY = ("content-length", "content-type")


def _is_known(request: Request, tag: str, changed_at: datetime | None) -> bool:
    """Whether the client has this content; its tags count before its date."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        known = {each.strip().removeprefix("W/") for each in tags.split(",")}
        return "*" in known or tag in known
    since = _read_date(request.headers.get("if-modified-since", ""))
    if since is None or changed_at is None:
        return False
    # The header has whole seconds.
    return changed_at.replace(microsecond=0) <= since


def _read_date(value: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(value)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
