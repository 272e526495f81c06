"""E11: check the text part, which people read and filters compare with the HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.letter.checks.lint_context import LintContext
from digest.models import Finding
from digest.text.counted import counted

MAX_LINE = 78
#: Share of the HTML's words; filters distrust a text part with much less text.
MIN_SHARE = 0.6

_URL = re.compile(r"https?://\S+")
_TAG = re.compile(
    r"</?(?:a|p|br|div|span|td|tr|table|b|i|em|strong|img|h[1-6]|ul|ol|li|blockquote|hr)\b[^>]*>"
    r"|&(?:amp|lt|gt|quot|apos|nbsp|middot|[lr][sd]quo|hellip|[mn]dash|#\d{1,7}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)
_ZERO_WIDTH = re.compile("[\u00ad\u034f\u200b\u2060\ufeff]")


def check_text_part(context: LintContext) -> Iterator[Finding]:
    """E11: present, wrapped, complete, without markup, with the same unsubscribe link."""
    text = context.mail.text
    if not text.strip():
        yield _finding("text part", "is missing; fix the template")
        return
    yield from _check_lines(text)
    yield from _check_markup(context)
    yield from _check_share(context)
    yield from _check_leave_link(context)


def _check_lines(text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), 1):
        place = f"text part, line {number}"
        if len(line) > MAX_LINE and not _URL.fullmatch(line.strip()):
            yield _finding(place, f"{len(line)} characters, allowed are at most {MAX_LINE}")
        if _ZERO_WIDTH.search(line):
            yield _finding(place, "contains zero-width characters")


def _check_markup(context: LintContext) -> Iterator[Finding]:
    """Find tags and entities, except those in the texts of posts and comments."""
    foreign = "\n".join(context.foreign_words)
    for tag in sorted(set(_TAG.findall(context.mail.text))):
        if tag not in foreign:
            yield _finding("text part", f"contains markup: {tag[:60]}")


def _check_share(context: LintContext) -> Iterator[Finding]:
    words = len(context.mail.text.split())
    shown = sum(len(piece.split()) for piece in context.page.texts)
    if words < MIN_SHARE * shown:
        yield _finding("text part", f"has {counted(words, 'word')}, but the HTML has {shown}")


def _check_leave_link(context: LintContext) -> Iterator[Finding]:
    """Find an unsubscribe link that differs from the HTML's."""
    base = f"{context.site.base_url}/leave/"
    in_html = {link.href for link in context.page.links if link.href.startswith(base)}
    in_text = {url for url in _URL.findall(context.mail.text) if url.startswith(base)}
    if in_html != in_text:
        yield _finding("text part", "the unsubscribe link differs from the HTML's")


def _finding(place: str, text: str) -> Finding:
    return Finding(rule="E11", is_error=True, place=place, text=text)
