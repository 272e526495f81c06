"""Reads Disqus's XML export, which lists threads and posts (help.disqus.com, "Comments Export")."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from digest.errors import FeedError
from digest.models import ExportedThread, ParsedComment
from digest.readers.feeds.dates import parse_date
from digest.readers.limits import take_identifier
from digest.readers.responses.comments import classify, tidy
from digest.readers.responses.exports.words import words_of_html
from digest.readers.responses.exports.xmlfiles import elements, fields, identifier, local, mended
from digest.text.html import plain_line
from digest.text.links import http_url


def read_disqus(body: bytes, name: str, now: datetime) -> Iterator[ExportedThread]:
    """Read the comments of each thread, without deleted ones, spam and those of missing threads.

    Raises:
        FeedError: the file is not well formed.
    """
    try:
        threads, comments = _read(body, name, now)
    except ParseError:
        try:
            threads, comments = _read(mended(body), name, now)
        except ParseError as error:
            reason = f"not an export: not well formed ({error}); download it again"
            raise FeedError(name, reason, transient=False) from error
    for key, thread in threads.items():
        yield ExportedThread(
            post_url=http_url(thread.get("link", "")),
            post_guid=take_identifier(thread.get("id", "")),
            post_title=plain_line(thread.get("title", "")),
            comments=tidy(comments.get(key, ())),
        )


def _read(
    body: bytes, name: str, now: datetime
) -> tuple[dict[str, dict[str, str]], dict[str, list[ParsedComment]]]:
    """Return the public threads and their public comments, by thread number."""
    threads: dict[str, dict[str, str]] = {}
    comments: dict[str, list[ParsedComment]] = {}
    for element in elements(body, name, frozenset({"thread", "post"})):
        found = fields(element)
        if not (_is_false(found, "isDeleted") and _is_false(found, "isSpam")):
            continue
        if local(element.tag) == "thread":
            threads[identifier(element)] = found
        else:
            comment = _read_comment(element, found, now)
            comments.setdefault(_refers(element, "thread"), []).append(comment)
    return threads, comments


def _read_comment(element: Element, found: dict[str, str], now: datetime) -> ParsedComment:
    author = next((fields(child) for child in element if local(child.tag) == "author"), {})
    name = plain_line(author.get("name") or author.get("username") or "")
    text = words_of_html(found.get("message", ""), "")
    return ParsedComment(
        external_id=take_identifier(identifier(element) or found.get("id", "")),
        parent_id=take_identifier(_refers(element, "parent")),
        author=name,
        posted_at=parse_date(found.get("createdAt", ""), now=now),
        text=text,
        kind=classify(name, "", text),
    )


def _refers(element: Element, name: str) -> str:
    return next((identifier(child) for child in element if local(child.tag) == name), "")


def _is_false(found: dict[str, str], name: str) -> bool:
    return found.get(name, "").lower() in {"", "false", "0"}
