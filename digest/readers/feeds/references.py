"""Mends references and characters that are not allowed in XML, so that a strict parser reads on.

One bad character must not cost the document: it is replaced or joined before parsing.
"""

from __future__ import annotations

import re
from html.entities import html5

# Outside CDATA sections, comments and instructions, every `&` is examined.
_PART = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)"
    r"|&(?:\#(?P<number>[xX][0-9a-fA-F]{1,12}|[0-9]{1,12})|(?P<name>[a-zA-Z][a-zA-Z0-9]{0,31}))?(?P<end>;?)",
    re.DOTALL,
)
#: Entities of XML itself; all others need a DTD, which is not read.
_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Two references that are the halves of one character, also where `&` is escaped.
_HALVES = re.compile(
    r"(?P<and>&(?:amp;)?)\#(?P<high>[xX][dD][89abAB][0-9a-fA-F]{2}|5[56]\d{3});"
    r"(?P=and)\#(?P<low>[xX][dD][c-fC-F][0-9a-fA-F]{2}|5[67]\d{3});"
)
# Not allowed in XML 1.0 (section 2.2), and the form feed, which separates words.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REPLACEMENT = "\ufffd"
#: Up to here are markup, spaces and the numbers that HTML reads as Windows-1252.
_LAST_SPECIAL = 0xA0


def join_halves(text: str) -> str:
    """Return `text` with each character written as two references (UTF-16) as itself.

    An emoji is such a character: `&#xD83D;&#xDE00;`.
    """
    return _HALVES.sub(_joined, text) if "#" in text else text


def mend_characters(text: str) -> str:
    """Return `text` without characters that XML forbids; halves of one character are joined."""
    if _FORBIDDEN.search(text) is None:
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _FORBIDDEN.sub(lambda found: " " if found[0] in "\x0b\x0c" else "", whole)


def mend_references(markup: str) -> str:
    """Return XML in which every `&` starts a reference that XML knows without a DTD.

    A bare `&`, one before words without a semicolon and unknown names become `&amp;`; the named
    characters of HTML and numbers out of range become characters.
    """
    return _PART.sub(_mended, markup) if "&" in markup else markup


def _joined(found: re.Match[str]) -> str:
    high, low = _number(found["high"]), _number(found["low"])
    is_pair = 0xD800 <= high < 0xDC00 <= low < 0xE000
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)) if is_pair else found[0]


def _mended(found: re.Match[str]) -> str:
    number, name = found["number"], found["name"]
    if not found[0].startswith("&"):
        return found[0]
    if number and found["end"]:
        return _numbered(found[0], _number(number))
    if name in _OWN and found["end"]:
        return found[0]
    named = html5.get(f"{name};") if found["end"] else None
    if named is None:
        return f"&amp;{found[0][1:]}"
    return "".join(_MARKUP.get(char, char) for char in named)


def _numbered(written: str, number: int) -> str:
    """Return a numeric reference, or what replaces one that XML does not allow."""
    if number > 0x10FFFF or 0xD800 <= number < 0xE000:
        return _REPLACEMENT
    if _FORBIDDEN.match(chr(number)):
        return ""
    # As a character where nothing depends on the reference: parsers read those one by one.
    return chr(number) if number > _LAST_SPECIAL else written


def _number(written: str) -> int:
    return int(written[1:], 16) if written[0] in "xX" else int(written)
