"""Explains to the operator how a feed was read; nothing of it is stored."""

from __future__ import annotations

import codecs
import re
from datetime import datetime, timedelta

from digest.models import ParsedPost
from digest.readers.feeds.dates import parse_date
from digest.text.html import bare_words

#: A text with fewer words is only the beginning or the announcement of an article.
STUB_WORDS = 60
_FAR_AHEAD = timedelta(days=365 * 200)
_CUT = re.compile(r"(?:\[?(?:\.{3}|…|&hellip;)\]?|read more|continue reading)\s*\Z", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def why_no_date(raw: str, *, now: datetime) -> str:
    """Return the reason why a post's date is not used; empty if it is used."""
    if not raw.strip():
        return "is missing"
    if parse_date(raw, now=now):
        return ""
    if parse_date(raw, now=now + _FAR_AHEAD):
        return "is in the future"
    return "cannot be read, is ambiguous, or is before 1990"


def told_encoding(body: bytes, content_type: str) -> str:
    """Return the character encoding that a document or its server declares; empty if none does."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return f"{name} (byte order mark)"
    header, declared = _CHARSET.search(content_type), _XML_ENCODING.search(body[:1024])
    encodings = [
        f"{header[1].lower()} (server)" if header else "",
        f"{declared[1].decode('latin-1').lower()} (document)" if declared else "",
    ]
    return ", ".join(filter(None, encodings))


def count_words(cleaned_html: str) -> int:
    """Return the number of visible words in cleaned HTML."""
    return len(bare_words(cleaned_html).split())


def is_stub(post: ParsedPost) -> bool:
    """Return whether a feed carries only the beginning of a post."""
    text = bare_words(post.content_html or post.summary_html)
    return len(text.split()) < STUB_WORDS or _CUT.search(text[-40:]) is not None
