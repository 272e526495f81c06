"""Reads JSON exports: Commento's, and the generic format that Isso imports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from digest.errors import FeedError
from digest.models import ExportedThread, ParsedComment
from digest.readers.feeds.dates import parse_date
from digest.readers.limits import take_identifier
from digest.readers.responses.comments import classify, tidy
from digest.readers.responses.exports.words import words_of_html, words_of_text
from digest.text.html import plain_line
from digest.text.links import http_url

_NOTHING = "no comments: the JSON is neither Commento's nor a list of threads with comments"


def read_json_export(body: bytes, name: str, now: datetime) -> Iterator[ExportedThread]:
    """Read a JSON export.

    Raises:
        FeedError: the file is not JSON, or another kind of JSON.
    """
    try:
        data = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise FeedError(name, f"no comments: invalid JSON ({error})", transient=False) from error
    if isinstance(data, dict) and {"comments", "commenters"} <= data.keys():
        return _commento(data, now)
    if isinstance(data, list) and all(_is_thread(thread) for thread in data):
        return (_generic(thread, now) for thread in data)
    raise FeedError(name, _NOTHING, transient=False)


def _commento(data: dict[str, Any], now: datetime) -> Iterator[ExportedThread]:
    """Yield the approved comments by page."""
    names = {
        _text(person, "commenterHex"): plain_line(_text(person, "name"))
        for person in _dicts(data["commenters"])
    }
    pages: dict[str, list[ParsedComment]] = {}
    for found in _dicts(data["comments"]):
        if found.get("deleted") is True or _text(found, "state") != "approved":
            continue
        page = f"https://{_text(found, 'domain')}{_text(found, 'url')}"
        pages.setdefault(page, []).append(_commento_comment(found, names, now))
    for page, comments in pages.items():
        yield ExportedThread(
            post_url=http_url(page), post_guid="", post_title="", comments=tidy(comments)
        )


def _commento_comment(found: dict[str, Any], names: dict[str, str], now: datetime) -> ParsedComment:
    author = names.get(_text(found, "commenterHex"), "")
    markup = _text(found, "html")
    text = words_of_html(markup, "") if markup else words_of_text(_text(found, "markdown"), "")
    parent, score = _text(found, "parentHex"), found.get("score")
    return ParsedComment(
        external_id=take_identifier(_text(found, "commentHex")),
        parent_id="" if parent == "root" else take_identifier(parent),
        author=author,
        posted_at=parse_date(_text(found, "creationDate"), now=now),
        text=text,
        kind=classify(author, "", text),
        votes=score if isinstance(score, int) and not isinstance(score, bool) else None,
    )


def _generic(thread: dict[str, Any], now: datetime) -> ExportedThread:
    identifier = _text(thread, "id")
    comments = (_generic_comment(found, now) for found in _dicts(thread["comments"]))
    return ExportedThread(
        post_url=http_url(identifier),
        post_guid=take_identifier(identifier),
        post_title=_title(_text(thread, "title")),
        comments=tidy(comments),
    )


def _generic_comment(found: dict[str, Any], now: datetime) -> ParsedComment:
    author = plain_line(_text(found, "author"))
    text = words_of_text(_text(found, "text"), "")
    return ParsedComment(
        external_id=_number(found, "id"),
        parent_id=_number(found, "parent"),
        author=author,
        posted_at=parse_date(_text(found, "created"), now=now),
        text=text,
        kind=classify(author, "", text),
    )


def _is_thread(thread: Any) -> bool:
    return isinstance(thread, dict) and isinstance(thread.get("comments"), list)


def _title(written: str) -> str:
    """Return a title; files of Isso's own tools contain it form-encoded."""
    is_encoded = " " not in written and re.search(r"\w\+\w|%[0-9A-F]{2}", written)
    return plain_line(unquote_plus(written) if is_encoded else written)


def _dicts(values: Any) -> Iterator[dict[str, Any]]:
    listed = values if isinstance(values, list) else []
    return (value for value in listed if isinstance(value, dict))


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _number(found: dict[str, Any], name: str) -> str:
    """Return an identifier, which may be a number."""
    value = found.get(name)
    is_name = isinstance(value, str | int) and not isinstance(value, bool)
    return take_identifier(str(value)) if is_name else ""
