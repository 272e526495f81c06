"""Reads and changes the tags of a finished mail; all else keeps its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape, unescape

#: What a tag has between its name and its end; a value may contain `>`.
_REST = r"(?:[^>\"']|\"[^\"]*\"|'[^']*'|(?!))*+"
_STYLE_SHEET = re.compile(r"(<style\b[^>]*>)(.*?)(</style>)", re.DOTALL | re.IGNORECASE)
_OPENING = re.compile(r"<[^\s/>]+")
_ATTRIBUTE = re.compile(r"([^\s/>\"'=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_HEAD_END = re.compile(r"</head>", re.IGNORECASE)

Change = Callable[[str], str]


def tag_pattern(names: str) -> re.Pattern[str]:
    """Return a pattern for the opening tags with these names, such as `a|area`."""
    return re.compile(rf"<(?:{names})\b{_REST}>", re.IGNORECASE)


#: Any opening tag.
ANY_TAG = tag_pattern("[a-z][a-z0-9]*")


def change_tags(html: str, pattern: re.Pattern[str], change: Change) -> str:
    """Return the page with each tag that matches replaced by `change(tag)`."""
    return pattern.sub(lambda found: change(found[0]), html)


def read_attribute(tag: str, name: str) -> str | None:
    """Return the value of an attribute, unescaped; None if the tag does not have it."""
    return next((value for each, value, _ in _attributes(tag) if each == name), None)


def set_attribute(tag: str, name: str, value: str) -> str:
    """Return the tag with an attribute set; the other attributes stay."""
    opening = _OPENING.match(tag)
    start = opening[0] if opening else "<"
    kept = "".join(f" {written}" for each, _, written in _attributes(tag) if each != name)
    end = "/>" if tag.endswith("/>") else ">"
    return f'{start}{kept} {name}="{escape(value)}"{end}'


def change_styles(html: str, change: Change) -> str:
    """Return the page with each style sheet and `style` attribute replaced by `change` of it."""
    html = _STYLE_SHEET.sub(lambda found: f"{found[1]}{change(found[2])}{found[3]}", html)
    return change_tags(html, ANY_TAG, lambda tag: _change_inline(tag, change))


def drop_style_sheets(html: str) -> str:
    """Return the page without its style sheets."""
    return _STYLE_SHEET.sub("", html)


def add_style_sheet(html: str, css: str) -> str:
    """Return the page with one more style sheet, after all others."""
    sheet = f"<style>{css}</style>"
    found = _HEAD_END.search(html)
    at = found.start() if found else 0
    return html[:at] + sheet + html[at:]


def _change_inline(tag: str, change: Change) -> str:
    style = read_attribute(tag, "style")
    return tag if not style else set_attribute(tag, "style", change(style))


def _attributes(tag: str) -> Iterator[tuple[str, str, str]]:
    """Yield each attribute as browsers read it: its name, its value, and how it is written."""
    opening = _OPENING.match(tag)
    for found in _ATTRIBUTE.finditer(tag, opening.end() if opening else 0):
        value = next((part for part in found.groups()[1:] if part is not None), "")
        yield found[1].lower(), unescape(value), found[0]
