"""Reads comments from a page's JSON-LD (schema.org `Comment`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from digest.models import ParsedComment
from digest.readers.feeds.dates import parse_date
from digest.readers.limits import MAX_COMMENTS
from digest.readers.responses.commentids import name_comment
from digest.readers.responses.comments import classify
from digest.text.html import clean_html, html_to_text, plain_line
from digest.text.links import http_url

#: Characters of one script; a longer one is application data.
_MAX_CHARS = 1_000_000


def read_json_ld_comments(
    tree: LexborHTMLParser, page_url: str, now: datetime
) -> Iterator[ParsedComment]:
    """Yield the comments in a page's JSON-LD; the parent of an answer is the comment around it."""
    count = 0
    for script in tree.css('script[type="application/ld+json"]'):
        for found, parent in _comments(_loaded(script.text())):
            comment = _read(found, parent, page_url, now)
            if comment.text and (count := count + 1) <= MAX_COMMENTS:
                yield comment


def _loaded(text: str) -> Any:
    try:
        return json.loads(text) if len(text) <= _MAX_CHARS else None
    except (ValueError, RecursionError):
        return None


def _comments(data: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each comment in the data with the comment around it, else with an empty dictionary."""
    waiting: list[tuple[Any, dict[str, Any]]] = [(data, {})]
    while waiting:
        value, around = waiting.pop()
        if isinstance(value, list):
            waiting.extend((each, around) for each in reversed(value))
        elif isinstance(value, dict):
            is_comment = value.get("@type") in ("Comment", "UserComments", ["Comment"])
            if is_comment:
                yield value, around
            inner = value if is_comment else around
            waiting.extend((each, inner) for each in reversed(value.values()))


def _read(
    found: dict[str, Any], around: dict[str, Any], page_url: str, now: datetime
) -> ParsedComment:
    text = _words(found.get("text") or found.get("commentText") or found.get("description"))
    author = _person(found.get("author") or found.get("creator"))
    date = _first(found, "dateCreated", "datePublished", "commentTime")
    words = html_to_text(clean_html(text, page_url))
    parent = found.get("parentItem")
    is_answer = isinstance(parent, dict) and parent.get("@type") == "Comment"
    return ParsedComment(
        external_id=_name(found) or f"{author} {date}",
        parent_id=_name(parent if is_answer and isinstance(parent, dict) else around),
        author=author,
        posted_at=parse_date(date, now=now),
        text=words,
        kind=classify(author, "", words),
        url=http_url(_first(found, "url", "@id"), page_url),
        votes=_votes(found),
    )


def _name(found: dict[str, Any]) -> str:
    return name_comment(_first(found, "@id", "identifier", "url"), _first(found, "url"))


def _first(found: dict[str, Any], *names: str) -> str:
    values = (found.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and value), "")


def _person(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name")
    return plain_line(value) if isinstance(value, str) else ""


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _votes(found: dict[str, Any]) -> int | None:
    up, down = (found.get(name) for name in ("upvoteCount", "downvoteCount"))
    if not isinstance(up, int) or isinstance(up, bool):
        return None
    return up - (down if isinstance(down, int) and not isinstance(down, bool) else 0)
