"""How deep markup nests, and making it flatter.

HTML parsers take quadratic time over deep nesting (half a megabyte of nested `<div>` kept one busy
for a minute), so depth is measured here, in linear time, before any of them sees the markup.
"""

from __future__ import annotations

import re

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
    r"(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>?",
    re.DOTALL,
)


def limit_depth(markup: str, limit: int = MAX_DEPTH) -> str:
    """Give `markup` without the tags that nest deeper than `limit`; text stays.

    The tree is an estimate (end tags may be missing): what it leaves through is bounded by the
    caps on size and on parsing time.
    """
    if markup.count("<") <= limit:
        return markup
    nesting = _Nesting(limit)
    return _TOKEN.sub(lambda found: found[0] if nesting.admits(found) else "", markup)


def is_deeper(markup: str, limit: int) -> bool:
    """Whether elements nest deeper than `limit`."""
    if markup.count("<") <= limit:
        return False
    nesting = _Nesting(limit)
    return not all(nesting.admits(found) for found in _TOKEN.finditer(markup))


class _Nesting:
    """The open elements while tags go by, never more than `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: list[str] = []

    def admits(self, found: re.Match[str]) -> bool:
        """Take note of one tag; False where it nests too deep."""
        name = (found["name"] or "").lower()
        if not name or name in _VOID or found[0].endswith("/>"):
            return True
        return self._close(name) if found["end"] else self._enter(name)

    def _enter(self, name: str) -> bool:
        if name in _SELF_CLOSING and self._open and self._open[-1] == name:
            return True
        if len(self._open) >= self._limit:
            return False
        self._open.append(name)
        return True

    def _close(self, name: str) -> bool:
        if name in self._open:
            while self._open.pop() != name:
                pass
        return True
