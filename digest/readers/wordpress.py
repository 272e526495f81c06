"""WordPress's REST interface: comments with their answers, bytes in, comments out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from digest.errors import FeedError
from digest.models import ParsedComment, ParsedComments
from digest.readers.comments import classify
from digest.readers.dates import parse_date
from digest.text.html import html_to_text, plain_line
from digest.text.links import http_url


def read_rest(body: bytes, url: str, content_type: str, now: datetime) -> ParsedComments:  # noqa: ARG001
    """Read one document of `wp/v2/comments`.

    Raises:
        FeedError: it is no list of comments.
    """
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FeedError(url, "not valid JSON", transient=True) from error
    if not isinstance(listed, list):
        raise FeedError(url, "no list of comments", transient=False)
    entries = (entry for entry in listed if isinstance(entry, dict) and entry.get("id"))
    return ParsedComments(comments=tuple(_comment(entry, url, now) for entry in entries))


def _comment(entry: dict[str, Any], url: str, now: datetime) -> ParsedComment:
    content = entry.get("content")
    rendered = content.get("rendered") if isinstance(content, dict) else ""
    author, text = plain_line(str(entry.get("author_name"))), html_to_text(str(rendered))
    parent = entry.get("parent")
    return ParsedComment(
        external_id=f"comment-{entry['id']}",
        parent_id=f"comment-{parent}" if parent else "",
        author=author,
        posted_at=parse_date(f"{entry.get('date_gmt')}Z", now=now),
        text=text,
        kind=classify(author, "", text),
        url=http_url(str(entry.get("link")), url),
    )
