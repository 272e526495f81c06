"""Reads JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from digest.errors import FeedError
from digest.models import Document, ParsedFeed, ParsedPost
from digest.readers.feeds.charset import decode
from digest.readers.feeds.dates import parse_post_date
from digest.readers.feeds.images import choose_image, show_late_images
from digest.readers.limits import take_identifier, take_note, take_posts
from digest.text.html import clean_html, plain_line
from digest.text.links import http_url

#: A larger number of bytes cannot be the size of a picture.
_MAX_TOLD = 10**9


def read_json_feed(document: Document, now: datetime) -> ParsedFeed:
    """Read a JSON Feed.

    Raises:
        FeedError: the document is not JSON, or not a feed.
    """
    feed, url = _loaded(document), document.url
    items, problems = take_posts(
        [item for item in _list(feed, "items") if isinstance(item, dict)],
        lambda item: parse_post_date(take_note(_date(item)), now=now),
    )
    if feed.get("expired") is True:
        problems += ("the feed is marked as finished; it will bring no new posts",)
    authors = _authors(feed)
    version = take_note(_text(feed, "version")).rpartition("/")[2].replace(".", "")
    return ParsedFeed(
        title=plain_line(_text(feed, "title")),
        site_url=http_url(_text(feed, "home_page_url"), url),
        language=take_note(_text(feed, "language")),
        format=f"json{version}"[:16],
        posts=tuple(_read_post(item, authors, url, now) for item in items),
        problems=problems,
        older_url=http_url(_text(feed, "next_url"), url),
    )


def _loaded(document: Document) -> dict[str, Any]:
    try:
        feed = json.loads(decode(document.body).text)
    except (ValueError, RecursionError) as error:
        reason = f"not a feed: invalid JSON ({error})"
        raise FeedError(document.url, reason, transient=False) from error
    is_feed = isinstance(feed, dict) and isinstance(feed.get("items"), list)
    if not is_feed:
        raise FeedError(document.url, "not a feed: JSON without a list of items", transient=False)
    return dict(feed)


def _read_post(item: dict[str, Any], authors: str, feed_url: str, now: datetime) -> ParsedPost:
    link = http_url(_text(item, "url") or _text(item, "external_url"), feed_url)
    base_url = link or feed_url
    written = show_late_images(_text(item, "content_html"))
    content = clean_html(written or _paragraphs(item), base_url)
    named = [http_url(_text(item, name), feed_url) for name in ("image", "banner_image")]
    named += [http_url(url, feed_url) for url in _attached_images(item)]
    image_url, image_alt = choose_image(named, content)
    # Not `date_modified`: like Atom's `updated`, it is the last change, not the publication.
    published = take_note(_date(item))
    return ParsedPost(
        guid=_identifier(item),
        url=link,
        title=plain_line(_text(item, "title")),
        author=_authors(item) or authors,
        feed_categories=_tags(item),
        published_raw=published,
        published_at=parse_post_date(published, now=now),
        summary_html=clean_html(_escaped(_text(item, "summary")), base_url),
        content_html=content,
        image_url=image_url,
        image_alt=image_alt,
        image_bytes=_told_bytes(item, image_url, feed_url),
    )


def _text(of: dict[str, Any], name: str) -> str:
    value = of.get(name)
    return value if isinstance(value, str) else ""


def _list(of: dict[str, Any], name: str) -> list[Any]:
    value = of.get(name)
    return value if isinstance(value, list) else []


def _identifier(item: dict[str, Any]) -> str:
    """Return the id as text; version 1.0 allows a number."""
    value = item.get("id")
    is_named = isinstance(value, str | int | float) and not isinstance(value, bool)
    return take_identifier(str(value)) if is_named else ""


def _date(item: dict[str, Any]) -> str:
    """Return the date as written; some feeds write a number of seconds."""
    value = item.get("date_published")
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15:
        return str(int(value))
    return _text(item, "date_published")


def _attached_images(item: dict[str, Any]) -> Iterator[str]:
    """Yield the addresses of attached pictures, not of audio and video."""
    for attachment in _list(item, "attachments"):
        is_named = isinstance(attachment, dict) and _text(attachment, "mime_type")
        if is_named and _text(attachment, "mime_type").startswith("image/"):
            yield _text(attachment, "url")


def _told_bytes(item: dict[str, Any], image_url: str, feed_url: str) -> int | None:
    """Return the chosen picture's `size_in_bytes`; None if it is not attached or has no size."""
    for attachment in filter(_is_object, _list(item, "attachments")):
        if image_url and http_url(_text(attachment, "url"), feed_url) == image_url:
            size = attachment.get("size_in_bytes")
            is_number = isinstance(size, int) and not isinstance(size, bool)
            return size if is_number and 0 < size < _MAX_TOLD else None
    return None


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _authors(of: dict[str, Any]) -> str:
    """Return the names from `authors` (version 1.1) and `author` (1.0)."""
    people = [*_list(of, "authors"), of.get("author")]
    names = (plain_line(_text(person, "name")) for person in people if isinstance(person, dict))
    return ", ".join(dict.fromkeys(name for name in names if name))


def _tags(item: dict[str, Any]) -> tuple[str, ...]:
    tags = (plain_line(tag) for tag in _list(item, "tags") if isinstance(tag, str))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _paragraphs(item: dict[str, Any]) -> str:
    text = _text(item, "content_text")
    return "".join(_escaped(part) for part in text.split("\n\n"))


def _escaped(text: str) -> str:
    return f"<p>{html.escape(text, quote=False)}</p>" if text.strip() else ""
