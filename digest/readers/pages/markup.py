"""A page's bytes as text, by the encoding it says or shows."""

from __future__ import annotations

import codecs
import re

#: Where HTML looks for a declaration (HTML Standard, "prescan a byte stream").
_PRESCAN = 1024
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: What is declared so is the wider one (WHATWG Encoding Standard).
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030"}


def decode_page(body: bytes, content_type: str) -> str:
    """Give a page as text: by its byte order mark, the header, its own word, else UTF-8.

    What cannot be read becomes U+FFFD; bytes without a declaration that are no UTF-8 are
    Windows-1252, as browsers take them.
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
    """Give Python's name of an encoding for text; empty where it has none."""
    try:
        b"x".decode(name)
    except (LookupError, ValueError):
        return ""
    found = codecs.lookup(name).name
    # Where a declaration could be read byte by byte, these two cannot be meant.
    if found.startswith(("utf-16", "utf-32")):
        return "utf-8"
    return _WIDER.get(found, found)
