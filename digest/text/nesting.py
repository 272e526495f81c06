"""How deep markup nests, and making it flatter.

HTML parsers take quadratic time over deep nesting (half a megabyte of nested `<div>` kept one busy
for a minute), so depth is measured here, in linear time, before any of them sees the markup.
"""

from __future__ import annotations

import re
from itertools import starmap

#: No page that a person wrote nests deeper.
MAX_DEPTH = 100

_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
#: A second one closes the first where its end tag was left out.
_SELF_CLOSING = frozenset("p li dt dd tr td th option".split())  # noqa: SIM905

# A quoted value may hold `<` and `>`. Possessive, so that an unclosed tag is read once only.
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?-->|.*)"
    r"|<!\[CDATA\[(?:.*?\]\]>|.*)"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/<>]*)"
    r"(?:[^/<>\"']|/(?!>)|\"[^\"]*\"|'[^']*')*+(?:(?P<closed>/)?>)?",
    re.DOTALL,
)


def limit_depth(markup: str, limit: int = MAX_DEPTH) -> str:
    """Give `markup` without the tags that nest deeper than `limit`; text stays.

    The tree is an estimate (end tags may be missing): what it leaves through is bounded by the
    caps on size and on parsing time.
    """
    if not is_deeper(markup, limit):
        return markup
    nesting = _Nesting(limit)
    return _TOKEN.sub(lambda found: found[0] if nesting.admits(*found.groups()) else "", markup)


def is_deeper(markup: str, limit: int) -> bool:
    """Whether elements nest deeper than `limit`."""
    if markup.count("<") <= limit:
        return False
    nesting = _Nesting(limit)
    tags = map(re.Match.groups, _TOKEN.finditer(markup))
    return not all(starmap(nesting.admits, tags))


class _Nesting:
    """The open elements while tags go by, never more than `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: list[str] = []

    def admits(self, end: str | None, name: str | None, closed: str | None) -> bool:
        """Take note of one tag; False where it nests too deep.

        Args:
            end: the slash of an end tag.
            name: None for what is no tag.
            closed: the slash of a tag that is its own end.
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
