"""Decodes a web page by its declared or detected character encoding."""

from __future__ import annotations

import codecs
import re

#: Bytes searched for a declaration (HTML Standard, "prescan a byte stream").
_PRESCAN = 1024
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: A declaration on the left means the superset on the right (WHATWG Encoding Standard).
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030"}


def decode_page(body: bytes, content_type: str) -> str:
    """Return a page as text, decoded by byte order mark, header, `<meta>`, else as UTF-8.

    Invalid bytes become U+FFFD. Without a declaration, bytes that are not UTF-8 are read as
    Windows-1252, as browsers do.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    header = _HEADER.search(content_type)
    meta = _META.search(body[:_PRESCAN])
    declared = (header[1] if header else "", meta[1].decode("latin-1") if meta else "")
    for name in filter(None, map(_known, declared)):
        return body.decode(name, "replace")
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _known(name: str) -> str:
    """Return Python's name of a text encoding; empty if it is unknown."""
    # A declaration that is readable as ASCII is not in UTF-16 or UTF-32, which cannot be one byte.
    try:
        b"x".decode(name)
    except (LookupError, ValueError):
        return ""
    found = codecs.lookup(name).name
    return _WIDER.get(found, found)
