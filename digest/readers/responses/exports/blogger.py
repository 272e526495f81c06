"""Reads Blogger's backup, one Atom feed of posts, comments and settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from digest.errors import FeedError
from digest.models import ExportedThread, ParsedComment
from digest.readers.feeds.dates import parse_date
from digest.readers.limits import take_identifier
from digest.readers.responses.comments import blogger_parent, classify, tidy
from digest.readers.responses.exports.words import words_of_html
from digest.readers.responses.exports.xmlfiles import elements, fields, local, mended
from digest.text.html import plain_line
from digest.text.links import http_url

_KIND = "http://schemas.google.com/blogger/2008/kind#"


def read_blogger(body: bytes, name: str, now: datetime) -> Iterator[ExportedThread]:
    """Read the comments of each post.

    Raises:
        FeedError: the file is not well formed.
    """
    try:
        titles, links, comments = _read(body, name, now)
    except ParseError:
        try:
            titles, links, comments = _read(mended(body), name, now)
        except ParseError as error:
            reason = f"not an export: not well formed ({error}); download it again"
            raise FeedError(name, reason, transient=False) from error
    for key, listed in comments.items():
        yield ExportedThread(
            post_url=links.get(key, ""),
            post_guid=take_identifier(key),
            post_title=titles.get(key, ""),
            comments=tidy(listed),
        )


def _read(
    body: bytes, name: str, now: datetime
) -> tuple[dict[str, str], dict[str, str], dict[str, list[ParsedComment]]]:
    """Return the titles, links and comments of posts, by the post's identifier."""
    titles: dict[str, str] = {}
    links: dict[str, str] = {}
    comments: dict[str, list[ParsedComment]] = {}
    for entry in elements(body, name, frozenset({"entry"})):
        found, kind = fields(entry), _kind(entry)
        if kind == "post":
            titles[found.get("id", "")] = plain_line(found.get("title", ""))
        reply = next((child for child in entry if local(child.tag) == "in-reply-to"), None)
        if kind == "comment" and reply is not None:
            post = reply.get("ref", "")
            links.setdefault(post, http_url(reply.get("href", "")))
            comments.setdefault(post, []).append(_read_comment(entry, found, now))
    return titles, links, comments


def _read_comment(entry: Element, found: dict[str, str], now: datetime) -> ParsedComment:
    author = next((fields(child) for child in entry if local(child.tag) == "author"), {})
    name = plain_line(author.get("name", ""))
    text = words_of_html(found.get("content", ""), "")
    related = _link(entry, "related")
    own = take_identifier(found.get("id", ""))
    return ParsedComment(
        external_id=own,
        parent_id=blogger_parent(own, related),
        author=name,
        posted_at=parse_date(found.get("published", ""), now=now),
        text=text,
        kind=classify(name, "", text),
        url=http_url(_link(entry, "alternate")),
    )


def _kind(entry: Element) -> str:
    terms = (child.get("term", "") for child in entry if local(child.tag) == "category")
    return next((term.removeprefix(_KIND) for term in terms if term.startswith(_KIND)), "")


def _link(entry: Element, relation: str) -> str:
    links = (child for child in entry if local(child.tag) == "link")
    return next((link.get("href", "") for link in links if link.get("rel") == relation), "")
