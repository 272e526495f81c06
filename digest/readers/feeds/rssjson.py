"""Converts RSS in JSON (scripting.com's `{"rss": {"channel": {"item": …}}}`) to a JSON Feed."""

from __future__ import annotations

import html
from typing import Any


def from_rss(document: object) -> dict[str, Any] | None:
    """Return the JSON Feed with the content of RSS in JSON; None if it is something else.

    The names are those of RSS 2.0. An element that may be repeated is a value or a list; one with
    attributes is an object whose text is in `#value`.
    """
    channel = _object(_object(document).get("rss")).get("channel")
    channel = _object(channel[0] if isinstance(channel, list) and channel else channel)
    if not channel:
        return None
    return {
        "version": "rss",
        "title": _text(channel.get("title")),
        "home_page_url": _text(channel.get("link")),
        "language": _text(channel.get("language")),
        "items": [_item(item) for item in _list(channel.get("item")) if isinstance(item, dict)],
    }


def _item(item: dict[str, Any]) -> dict[str, Any]:
    guid, identifier = _object(item.get("guid")), _text(item.get("guid"))
    is_link = "/" in identifier and str(guid.get("isPermaLink", True)).lower() != "false"
    files = map(_object, _list(item.get("enclosure")))
    content = _text(item.get("content:encoded"))
    description = _text(item.get("description"))
    return {
        "id": identifier,
        "url": _text(item.get("link")) or (identifier if is_link else ""),
        # Titles of RSS may have markup.
        "title": html.unescape(_text(item.get("title"))),
        "content_html": content or description,
        "date_published": _text(item.get("pubDate")) or _text(item.get("dc:date")),
        "authors": [_text(item.get("dc:creator")) or _text(item.get("author"))],
        "tags": [_text(each) for each in _list(item.get("category"))],
        "attachments": [
            {
                "url": _text(each.get("url")),
                "mime_type": _text(each.get("type")),
                "size_in_bytes": _number(each.get("length")),
            }
            for each in files
        ],
    }


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _text(value: object) -> str:
    """Return the text of an element: a string, a number, or an object with `#value`."""
    if isinstance(value, dict):
        value = next((value[name] for name in ("#value", "#text", "$t") if name in value), "")
    is_written = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if is_written else ""


def _number(value: object) -> int | None:
    written = _text(value)
    return int(written) if written.isdecimal() and len(written) < 12 else None
