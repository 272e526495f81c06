"""Reads WordPress eXtended RSS, all versions, also files that are not well formed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from digest.models import ExportedThread, ParsedComment
from digest.readers.feeds.dates import parse_date
from digest.readers.limits import take_identifier
from digest.readers.responses.commentids import wordpress_number
from digest.readers.responses.comments import tidy
from digest.readers.responses.exports.brokenwxr import scan_items
from digest.readers.responses.exports.words import words_of_text
from digest.readers.responses.exports.xmlfiles import elements, fields, local, mended
from digest.readers.responses.wordpress import kind_of
from digest.text.html import plain_line
from digest.text.links import http_url

_PUBLIC = frozenset({"1", "approve", "approved"})
#: Notes of editors and shops, which are not public.
_INTERNAL = frozenset({"note", "order_note", "action_log"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A post of the file with the unparsed fields of its comments."""

    post: dict[str, str]
    comments: list[dict[str, str]]


def read_wxr(body: bytes, name: str, now: datetime) -> Iterator[ExportedThread]:
    """Read the approved comments of each post.

    A file that is not well formed is read as far as its tags can be found.

    Raises:
        FeedError: the file declares entities, or its elements are nested too deeply.
    """
    for item in _items(body, name):
        yield _thread(item, now)


def _items(body: bytes, name: str) -> list[_Item]:
    for mend in (bytes, mended):
        try:
            return [_taken(item) for item in elements(mend(body), name, frozenset({"item"}))]
        except ParseError:
            continue
    return [_Item(post=post, comments=comments) for post, comments in scan_items(body)]


def _taken(item: Element) -> _Item:
    comments = (child for child in item if local(child.tag) == "comment")
    return _Item(post=fields(item), comments=[fields(comment) for comment in comments])


def _thread(item: _Item, now: datetime) -> ExportedThread:
    url = http_url(item.post.get("link", ""))
    comments = (_read_comment(comment, url, now) for comment in item.comments)
    return ExportedThread(
        post_url=url,
        post_guid=take_identifier(item.post.get("guid", "")),
        post_title=plain_line(item.post.get("title", "")),
        comments=tidy(comment for comment in comments if comment),
    )


def _read_comment(found: dict[str, str], post_url: str, now: datetime) -> ParsedComment | None:
    number = wordpress_number(f"comment-{found.get('comment_id', '')}")
    kind = found.get("comment_type", "")
    is_public = found.get("comment_approved", "") in _PUBLIC and kind not in _INTERNAL
    if not number or not is_public:
        return None
    author = plain_line(found.get("comment_author", ""))
    text = words_of_text(found.get("comment_content", ""), post_url)
    parent = found.get("comment_parent", "")
    return ParsedComment(
        external_id=f"comment-{number}",
        parent_id=f"comment-{parent}" if parent.strip("0") else "",
        author=author,
        # `comment_date` is the site's local time; the file does not contain its zone.
        posted_at=parse_date(found.get("comment_date_gmt", ""), now=now),
        text=text,
        kind=kind_of(kind, author, text),
        url=f"{post_url.partition('#')[0]}#comment-{number}" if post_url else "",
    )
