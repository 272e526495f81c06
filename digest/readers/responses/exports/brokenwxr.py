"""Reads WordPress exports that are not well-formed XML: finds posts and comments by their tags.

One pass, without entities and nesting: a field is the text between its two tags.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_FIELDS = (
    "title|link|guid|wp:comment_id|wp:comment_author|wp:comment_date_gmt|wp:comment_content"
    "|wp:comment_approved|wp:comment_type|wp:comment_parent"
)
_TOKEN = re.compile(
    rb"<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    rb"|<(?P<end>/?)(?P<name>item|wp:comment|" + _FIELDS.encode() + rb")(?=[\s/>])[^<>]*>",
    re.DOTALL,
)
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")


class _Scan:
    """The post, comment and field that are open during the scan."""

    def __init__(self, body: bytes) -> None:
        declared = _ENCODING.search(body[:1000])
        self._encoding = _known(declared[1].decode("latin-1") if declared else "")
        self._body = body
        self.post: dict[str, str] | None = None
        self.comments: list[dict[str, str]] = []
        self._comment: dict[str, str] | None = None
        self._field = ""
        self._parts: list[str] = []
        self._read_to = 0

    def take(self, token: re.Match[bytes]) -> bool:
        """Process one tag; return True if it ends a post or starts the next."""
        self._take_text(token.start())
        self._read_to = token.end()
        name = (token["name"] or b"").decode()
        if token["cdata"] is not None and self._field:
            self._parts.append(self._decoded(token["cdata"]))
        elif name == "item":
            return self.post is not None
        elif name == "wp:comment":
            self._close_comment()
            self._comment = None if token["end"] else {}
        elif name and token["end"]:
            self._close_field()
        elif name and not token[0].endswith(b"/>"):
            self._field, self._parts = name.removeprefix("wp:"), []
        return False

    def finish(self) -> tuple[dict[str, str], list[dict[str, str]]]:
        """Return the post and its comments, and reset the state."""
        self._close_comment()
        found = (self.post or {}, self.comments)
        self.post, self.comments, self._field = None, [], ""
        return found

    def _take_text(self, end: int) -> None:
        if self._field:
            self._parts.append(html.unescape(self._decoded(self._body[self._read_to : end])))

    def _close_field(self) -> None:
        owner = self._comment if self._comment is not None else self.post
        if self._field and owner is not None:
            owner.setdefault(self._field, "".join(self._parts).strip())
        self._field = ""

    def _close_comment(self) -> None:
        if self._comment:
            self.comments.append(self._comment)
        self._comment = None

    def _decoded(self, part: bytes) -> str:
        return part.decode(self._encoding, "replace")


def scan_items(body: bytes) -> Iterator[tuple[dict[str, str], list[dict[str, str]]]]:
    """Yield the fields of each post and of its comments, by name without `wp:`."""
    scan = _Scan(body)
    for token in _TOKEN.finditer(body):
        if scan.take(token):
            yield scan.finish()
        if token["name"] == b"item" and not token["end"]:
            scan.post = {}
    if scan.post is not None:
        yield scan.finish()


def _known(encoding: str) -> str:
    try:
        b"<".decode(encoding)
    except (LookupError, ValueError):
        return "utf-8"
    return encoding
