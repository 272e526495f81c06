"""Comments in a file that another system wrote: bytes in, the threads of posts out."""

from __future__ import annotations

from datetime import datetime
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import (  # type: ignore[import-untyped]  # it ships none
    ParseError,
    fromstring,
)

from digest.errors import FeedError
from digest.models import ExportedThread, ParsedComment
from digest.readers.comments import classify
from digest.readers.dates import parse_date
from digest.text.html import html_to_text, plain_line
from digest.text.links import http_url

_WP = "{http://wordpress.org/export/1.2/}"


def read_export(body: bytes, name: str, now: datetime) -> tuple[ExportedThread, ...]:
    """Read a WordPress export (WXR).

    Raises:
        FeedError: it is none.
    """
    try:
        root: Element = fromstring(body)
    except ParseError as error:
        raise FeedError(name, "no export of comments that is known", transient=False) from error
    return tuple(_thread(item, now) for item in root.iter("item"))


def _thread(item: Element, now: datetime) -> ExportedThread:
    return ExportedThread(
        post_url=http_url(item.findtext("link") or ""),
        post_guid=(item.findtext("guid") or "").strip(),
        post_title=plain_line(item.findtext("title") or ""),
        comments=tuple(_comment(each, now) for each in item.iter(f"{_WP}comment")),
    )


def _comment(entry: Element, now: datetime) -> ParsedComment:
    def of(name: str) -> str:
        return entry.findtext(f"{_WP}comment_{name}") or ""

    author, text = plain_line(of("author")), html_to_text(of("content"))
    parent = of("parent")
    return ParsedComment(
        external_id=f"comment-{of('id')}",
        parent_id=f"comment-{parent}" if parent not in {"", "0"} else "",
        author=author,
        posted_at=parse_date(f"{of('date_gmt')}Z", now=now),
        text=text,
        kind=classify(author, "", text),
    )
