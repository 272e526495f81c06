"""Measures and limits the nesting of markup.

HTML parsers take quadratic time for deep nesting (half a megabyte of nested `<div>` took one of
them a minute), so the depth is measured here, in linear time, before a parser gets the markup.
"""

from __future__ import annotations

import re
from itertools import starmap

#: Maximum depth; pages written by people have less.
MAX_DEPTH = 100

_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
#: A second one closes the first if the end tag was left out.
_SELF_CLOSING = frozenset("p li dt dd tr td th option".split())  # noqa: SIM905

# A quoted value may contain `<` and `>`. Possessive, so that an unclosed tag is read only once.
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?-->|.*)"
    r"|<!\[CDATA\[(?:.*?\]\]>|.*)"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/<>]*)"
    r"(?:[^/<>\"']|/(?!>)|\"[^\"]*\"|'[^']*')*+(?:(?P<closed>/)?>)?",
    re.DOTALL,
)


def limit_depth(markup: str, limit: int = MAX_DEPTH) -> str:
    """Return `markup` without the tags nested deeper than `limit`; text stays.

    The depth is an estimate (end tags may be missing): deeper markup that passes is bounded by the
    limits on size and parsing time.
    """
    if not is_deeper(markup, limit):
        return markup
    nesting = _Nesting(limit)
    return _TOKEN.sub(lambda found: found[0] if nesting.admits(*found.groups()) else "", markup)


def is_deeper(markup: str, limit: int) -> bool:
    """Return whether elements are nested deeper than `limit`."""
    if markup.count("<") <= limit:
        return False
    nesting = _Nesting(limit)
    tags = map(re.Match.groups, _TOKEN.finditer(markup))
    return not all(starmap(nesting.admits, tags))


class _Nesting:
    """The open elements during a scan, never more than `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: list[str] = []

    def admits(self, end: str | None, name: str | None, closed: str | None) -> bool:
        """Process one tag; return False if it is nested too deeply.

        Args:
            end: the slash of an end tag; empty for a start tag.
            name: the element's name; None for a comment or CDATA section.
            closed: the slash of a self-closing tag; None if there is none.
        """
        name = name.lower() if name else ""
        if not name or closed or name in _VOID:
            return True
        if end:
            if name in self._open:
                while self._open.pop() != name:
                    pass
            return True
        if name in _SELF_CLOSING and self._open and self._open[-1] == name:
            return True
        if len(self._open) >= self._limit:
            return False
        self._open.append(name)
        return True
