"""Reads JSON Feed 1.0 and 1.1 (jsonfeed.org), and RSS in JSON in its form."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from digest.errors import FeedError
from digest.models import Document, ParsedFeed, ParsedPost
from digest.readers.feeds.charset import decode
from digest.readers.feeds.dates import DateEvidence, parse_post_date
from digest.readers.feeds.images import choose_image, repeated_pictures, show_late_images
from digest.readers.feeds.loosejson import load_json
from digest.readers.feeds.references import join_halves
from digest.readers.feeds.rssjson import from_rss
from digest.readers.feeds.twice import undo_twice
from digest.readers.limits import join_authors, take_identifier, take_note, take_posts
from digest.text.html import MAX_LINE_CHARS, clean_html, plain_line
from digest.text.invisible import remove_invisible
from digest.text.links import http_url

#: A larger number of bytes cannot be the size of a picture.
_MAX_TOLD = 10**9
#: A reference in a title: no markup, but a character that a writer escaped too much.
_CHARACTER = re.compile(r"&(?:amp|quot|apos|nbsp|hellip|[lr][sd]quo|[mn]dash|#x?[0-9a-fA-F]{2,6});")


def read_json_feed(document: Document, now: datetime) -> ParsedFeed:
    """Read a JSON Feed, or RSS in JSON (cyber.harvard.edu's RSS 2.0 with the same names).

    Raises:
        FeedError: the document is not JSON, or not a feed.
    """
    feed, url = _loaded(document), document.url
    listed = [item for item in _list(feed, "items") if isinstance(item, dict)]
    dates = DateEvidence.of(map(_date, listed))
    items, problems = take_posts(
        listed, lambda item: parse_post_date(take_note(_date(item)), now=now, evidence=dates)
    )
    if feed.get("expired") is True:
        problems += ("the feed is marked as finished; it will bring no new posts",)
    authors = _authors(feed)
    version = take_note(_text(feed, "version")).rpartition("/")[2].replace(".", "")
    posts = [_read_post(item, authors, url, now, dates) for item in items]
    return ParsedFeed(
        title=_line(_text(feed, "title")),
        site_url=http_url(_text(feed, "home_page_url"), url),
        language=take_note(_text(feed, "language")),
        format=f"json{version}"[:16],
        posts=_with_pictures(items, posts, url),
        problems=problems,
        older_url=http_url(_text(feed, "next_url"), url),
    )


def _loaded(document: Document) -> dict[str, Any]:
    try:
        feed = load_json(_once_encoded(decode(document.body).text))
    except (ValueError, RecursionError) as error:
        reason = f"not a feed: invalid JSON ({error})"
        raise FeedError(document.url, reason, transient=False) from error
    feed = from_rss(feed) or feed
    is_feed = isinstance(feed, dict) and isinstance(feed.get("items"), list)
    if not is_feed:
        raise FeedError(document.url, "not a feed: JSON without a list of items", transient=False)
    return dict(feed)


def _once_encoded(text: str) -> str:
    """Return JSON with emoji joined; one whose escapes show a second encoding without it."""
    text = join_halves(text)
    if not text.isascii() or "\\u00" not in text:
        return text
    written = json.dumps(load_json(text), ensure_ascii=False)
    undone, code_page = undo_twice(written)
    return undone if code_page else text


def _read_post(
    item: dict[str, Any], authors: str, feed_url: str, now: datetime, dates: DateEvidence
) -> ParsedPost:
    """Return a post without its picture."""
    link = http_url(_text(item, "url") or _text(item, "external_url"), feed_url)
    base_url = link or feed_url
    written = show_late_images(_text(item, "content_html"))
    content = clean_html(written or _paragraphs(item), base_url)
    # Not `date_modified`: like Atom's `updated`, it is the last change, not the publication.
    published = take_note(_date(item))
    return ParsedPost(
        guid=_identifier(item),
        url=link,
        title=_line(_text(item, "title")),
        author=_authors(item) or authors,
        feed_categories=_tags(item),
        published_raw=published,
        published_at=parse_post_date(published, now=now, evidence=dates),
        summary_html=clean_html(_escaped(_text(item, "summary")), base_url),
        content_html=content,
    )


def _with_pictures(
    items: Sequence[dict[str, Any]], posts: Sequence[ParsedPost], feed_url: str
) -> tuple[ParsedPost, ...]:
    """Return the posts with their pictures; one that many posts have is no post's."""
    named = [
        tuple(
            http_url(url, feed_url)
            for url in (_text(item, "image"), _text(item, "banner_image"), *_attached_images(item))
        )
        for item in items
    ]
    texts = [(post.content_html,) for post in posts]
    repeated = repeated_pictures(tuple(zip(named, texts, strict=True)))
    return tuple(
        _with_picture(item, post, choose_image(urls, *words, repeated=repeated), feed_url)
        for item, post, urls, words in zip(items, posts, named, texts, strict=True)
    )


def _with_picture(
    item: dict[str, Any], post: ParsedPost, chosen: tuple[str, str], feed_url: str
) -> ParsedPost:
    url, alt = chosen
    size = _told_bytes(item, url, feed_url)
    return replace(post, image_url=url, image_alt=alt, image_bytes=size)


def _line(text: str) -> str:
    """Return a title, which is plain text, as one line; most writers escape `&` all the same."""
    known = _CHARACTER.sub(lambda found: html.unescape(found[0]), text[:MAX_LINE_CHARS])
    return " ".join(remove_invisible(known).replace("\ufffd", "").split())


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
    """Return the names from `authors` (version 1.1), else from `author` (1.0)."""
    people = _list(of, "authors") or [of.get("authors") or of.get("author")]
    return join_authors(_names(people))


def _tags(item: dict[str, Any]) -> tuple[str, ...]:
    """Return the tags; some feeds write one string with commas."""
    listed = _list(item, "tags") or _text(item, "tags").split(",")
    return _names(listed)


def _names(listed: Iterable[object]) -> tuple[str, ...]:
    """Return each text, or name of an object, once."""
    written = (_text(each, "name") if isinstance(each, dict) else each for each in listed)
    names = (plain_line(name) for name in written if isinstance(name, str))
    return tuple(dict.fromkeys(filter(None, names)))


def _paragraphs(item: dict[str, Any]) -> str:
    text = _text(item, "content_text")
    return "".join(_escaped(part) for part in text.split("\n\n"))


def _escaped(text: str) -> str:
    return f"<p>{html.escape(text, quote=False)}</p>" if text.strip() else ""
