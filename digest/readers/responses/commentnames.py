"""Finds the name of a comment's author in its markup, without the words around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from selectolax.lexbor import LexborNode

from digest.readers.responses.credits import MAX_CHARS, has_date, is_credit, read_credit
from digest.text.html import plain_line

#: Elements that start a new line inside a name's element.
_LINE_ENDS = frozenset("br p div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table tr td hr".split())  # noqa: SIM905
_MAX_DEPTH = 8
_TRAILING = " ,:;·•|"


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """A name's element, read."""

    #: One line; empty if the element has no name.
    name: str
    #: All of its text, for the date and the labels around the name.
    shown: str


def read_byline(node: LexborNode, language: str, now: datetime) -> Byline:
    """Return the name in the element that holds it.

    Themes put more into this element: "Comment by", "says:", the date, a badge. If all words
    outside an inner element are such words, the inner element is the name; else the first line
    without its badge and its date is.

    Args:
        node: the element.
        language: the page's `lang`, for dates; may be empty.
        now: the time; later dates are ignored.
    """
    shown = plain_line(" ".join(run.text for line in _lines(node) for run in line))
    name = _name_in(node, language, now, depth=0)
    if not name and not has_date(shown, language, now):
        # Somebody may be called like one of these words.
        name = shown.rstrip(_TRAILING)
    return Byline(name=name, shown=shown)


def _name_in(node: LexborNode, language: str, now: datetime, *, depth: int) -> str:
    for line in _lines(node):
        whole = plain_line("".join(run.spaced for run in line))
        if len(whole) > MAX_CHARS or is_credit(whole, language, now):
            continue
        loose = plain_line(" ".join(run.text for run in line if run.node is None))
        inner = [run for run in line if run.node and not is_credit(run.line, language, now)]
        first = inner[0].node if inner else None
        if first is not None and is_credit(loose, language, now) and depth < _MAX_DEPTH:
            return _name_in(first, language, now, depth=depth + 1)
        kept = "".join(run.spaced for run in line if run.node is None or _belongs(run, inner))
        credit = read_credit(plain_line(kept), language, now)
        return credit.name if credit.is_marked else plain_line(kept).rstrip(_TRAILING)
    return ""


@dataclass(slots=True, kw_only=True)
class _Run:
    """A piece of a line: loose text, or an inner element."""

    text: str
    node: LexborNode | None
    #: Whether it follows the piece before without a space.
    is_glued: bool = False

    @property
    def spaced(self) -> str:
        return f" {self.text}" if self.is_glued else self.text

    @property
    def line(self) -> str:
        return plain_line(self.text)


def _belongs(run: _Run, inner: list[_Run]) -> bool:
    """Return whether an inner element continues the words beside it; a badge does not."""
    return run in inner and not run.is_glued


def _lines(node: LexborNode) -> Iterator[list[_Run]]:
    """Yield the pieces of each line of an element that has words."""
    line = _Line()
    for child in node.iter(include_text=True):
        if child.tag in _LINE_ENDS:
            yield from line.end()
            if child.tag != "br":
                line.add(child.text(), child)
                yield from line.end()
        elif child.tag == "-text":
            line.add(child.text(deep=False) or child.text_content or "", None)
        elif not (child.tag or "").startswith("-"):
            line.add(child.text(), child)
    yield from line.end()


@dataclass(slots=True)
class _Line:
    """The line that is being collected."""

    runs: list[_Run] = field(default_factory=list)

    def add(self, text: str, node: LexborNode | None) -> None:
        before = self.runs[-1].text if self.runs else " "
        is_glued = not (before[-1:].isspace() or text[:1].isspace())
        if text:
            self.runs.append(_Run(text=text, node=node, is_glued=is_glued))

    def end(self) -> Iterator[list[_Run]]:
        if any(run.text.strip() for run in self.runs):
            yield self.runs
        self.runs = []
