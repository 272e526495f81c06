"""Converts the text of a comment in an export to plain text."""

from __future__ import annotations

import re

from digest.text.html import clean_html, cut_html, html_to_text
from digest.text.invisible import remove_invisible

#: Characters of one comment; the rest is cut.
_MAX_CHARS = 65_536

_MARKUP = re.compile(r"[<&]")
_PARAGRAPHED = re.compile(r"<(?:p|div)\b", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_BREAK = re.compile(r"(?:<br\s?/?>)?[ \t]*\n", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")


def words_of_text(written: str, base_url: str) -> str:
    """Return the plain text of a comment as typed: line breaks count, HTML is allowed."""
    written = written[:_MAX_CHARS].replace("\r\n", "\n").replace("\r", "\n").strip()
    if not _MARKUP.search(written):
        lines = (_SPACES.sub(" ", line).strip() for line in remove_invisible(written).split("\n"))
        return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()
    if _PARAGRAPHED.search(written):
        return words_of_html(written, base_url)
    paragraphs = (_BREAK.sub("<br>", part) for part in _EMPTY_LINES.split(written))
    return words_of_html("".join(f"<p>{part}</p>" for part in paragraphs), base_url)


def words_of_html(markup: str, base_url: str) -> str:
    """Return the plain text of a comment in HTML."""
    return html_to_text(clean_html(cut_html(markup, _MAX_CHARS), base_url))
