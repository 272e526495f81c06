"""Marks the place of a finding in a mail, so that a preview can jump to it."""

from __future__ import annotations

import re
from bisect import bisect_right
from html import escape

from digest.letter.looks.tags import (
    ANY_TAG,
    add_style_sheet,
    read_attribute,
    set_attribute,
    tag_pattern,
)
from digest.models import Finding

#: The id of the marked element.
HERE = "here"
_OUTLINE = (
    f"#{HERE}{{outline:3px solid #c62828 !important;outline-offset:3px;scroll-margin:40vh 0}}"
)
_LINK = tag_pattern("a")
_IMAGE = tag_pattern("img")
_ADDRESS = re.compile(r"^(?:link|picture) '(.*)'$", re.DOTALL)
_QUOTED = re.compile(r"“(.*?)”?$", re.DOTALL)
#: Fewer letters may occur anywhere.
_MIN_WORDS = 3


def mark_place(html: str, finding: Finding, story_url: str = "") -> str:
    """Return the mail with the element of a finding marked; unchanged if it has no place.

    Args:
        html: a finished mail.
        finding: the finding.
        story_url: the link of the story that causes it; empty if it concerns no story.
    """
    found = find_place(html, finding, story_url)
    if found is None:
        return html
    marked = html[: found.start()] + set_attribute(found[0], "id", HERE) + html[found.end() :]
    return add_style_sheet(marked, _OUTLINE)


def find_place(html: str, finding: Finding, story_url: str = "") -> re.Match[str] | None:
    """Return the tag of a finding's element; None if it concerns the whole mail."""
    if address := _ADDRESS.match(finding.place):
        pattern, name = (_LINK, "href") if finding.place.startswith("link") else (_IMAGE, "src")
        if found := _tag_with(html, pattern, name, address[1]):
            return found
    quoted = _QUOTED.search(finding.place)
    if quoted and (found := _tag_around(html, quoted[1].rstrip("…"))):
        return found
    return _tag_with(html, _LINK, "href", story_url) if story_url else None


def _tag_with(html: str, pattern: re.Pattern[str], name: str, start: str) -> re.Match[str] | None:
    """Return the first tag whose attribute begins with `start`."""
    for found in pattern.finditer(html):
        value = read_attribute(found[0], name)
        if value is not None and start and value.startswith(start):
            return found
    return None


def _tag_around(html: str, words: str) -> re.Match[str] | None:
    """Return the tag before the first shown text with these words."""
    if len(words) < _MIN_WORDS:
        return None
    start = max(html.find("<body"), 0)
    tags = list(ANY_TAG.finditer(html, start))
    begins = [tag.start() for tag in tags]
    for written in dict.fromkeys((escape(words, quote=False), words)):
        at = html.find(written, start)
        while at >= 0:
            tag = tags[bisect_right(begins, at) - 1] if begins and begins[0] <= at else None
            if tag is not None and tag.end() <= at and "display:none" not in tag[0]:
                return tag
            at = html.find(written, at + 1)
    return None
