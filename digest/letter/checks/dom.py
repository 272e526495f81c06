"""The elements and links of a mail as a mail program lays them out: type, colours, grounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

#: What a browser starts from.
_INK, _PAPER, _SIZE = "#000000", "#ffffff", 16.0

_FONT_SIZE = re.compile(
    r"(?:^|\s)(?:(\d*\.?\d+)(px|pt|rem|em|%)|((?:xx?-)?small(?:er)?))(?:/|\s|$)", re.IGNORECASE
)
#: Pixels of a unit; those of the words are a browser's, of `smaller` about.
_POINT = 4 / 3
_WORDS = {"small": 13.0, "x-small": 10.0, "xx-small": 9.0}
_SMALLER = 5 / 6
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}|#[0-9a-fA-F]{3}(?![0-9a-fA-F])")
_DARK = re.compile(
    r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)\s*\{((?:[^{}]*\{[^{}]*\})*)"
)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PLAIN_CLASS = re.compile(r"\.([\w-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How one colour scheme shows an element's words."""

    #: `#rrggbb`.
    colour: str
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of the body."""

    tag: str
    attributes: dict[str, str]
    #: Inline declarations, names in lower case.
    style: tuple[tuple[str, str], ...]
    #: The words directly in it, one line; empty where it has none of its own.
    words: str
    #: Pixels.
    size: float
    light: Scheme
    dark: Scheme
    #: Whether it is shown at all.
    is_shown: bool


def read_elements(html: str) -> tuple[Element, ...]:
    """Give the elements of a mail's body in the order of the document."""
    tree = LexborHTMLParser(html)
    if tree.body is None:
        return ()
    dark = _dark_rules("".join(node.text() for node in tree.css("style")))
    white = Scheme(colour=_INK, ground=_PAPER)
    start = Element(
        tag="",
        attributes={},
        style=(),
        words="",
        size=_SIZE,
        light=white,
        dark=white,
        is_shown=True,
    )
    return tuple(_walk(tree.body, start, dark))


def declarations_of(style: str) -> tuple[tuple[str, str], ...]:
    """Give the declarations of a `style` attribute in order."""
    parts = (part.partition(":") for part in style.split(";"))
    return tuple((name.strip().lower(), value.strip()) for name, _, value in parts if name.strip())


def _walk(node: LexborNode, parent: Element, dark: dict[str, dict[str, str]]) -> Iterator[Element]:
    # A stack, for mails nest deep.
    waiting = [(node, parent)]
    while waiting:
        here, above = waiting.pop()
        element = _element(here, above, dark)
        yield element
        below = [child for child in here.iter() if not (child.tag or "").startswith(("-", "_"))]
        waiting += [(child, element) for child in reversed(below)]


def _element(node: LexborNode, parent: Element, dark: dict[str, dict[str, str]]) -> Element:
    attributes = {name: value or "" for name, value in node.attributes.items()}
    style = declarations_of(attributes.get("style", ""))
    said = dict(style)
    own_dark: dict[str, str] = {}
    for name in attributes.get("class", "").split():
        own_dark |= dark.get(name, {})
    colour = _colour(said.get("color", ""))
    ground = _colour(said.get("background-color", "")) or _colour(attributes.get("bgcolor", ""))
    return Element(
        tag=node.tag or "",
        attributes=attributes,
        style=style,
        words=_own_words(node),
        size=_size(said, node.tag or "", parent.size),
        light=Scheme(colour=colour or parent.light.colour, ground=ground or parent.light.ground),
        # Where no dark rule stands, the light colour shows in dark mode too.
        dark=Scheme(
            colour=_colour(own_dark.get("color", "")) or colour or parent.dark.colour,
            ground=_colour(own_dark.get("background-color", "")) or ground or parent.dark.ground,
        ),
        is_shown=parent.is_shown and said.get("display", "") != "none",
    )


def _own_words(node: LexborNode) -> str:
    texts = (
        child.text(deep=False) for child in node.iter(include_text=True) if child.tag == "-text"
    )
    # A cell with a space that does not break is there for its height.
    return " ".join(" ".join(texts).replace("\u00a0", " ").replace("\u034f", "").split())


def _size(said: dict[str, str], tag: str, outer: float) -> float:
    """Give the pixels of an element's type; `em` and `%` are of its parent's."""
    for name in ("font-size", "font"):
        found = _FONT_SIZE.search(said.get(name, ""))
        if found and found[3]:
            return _WORDS.get(found[3].lower(), outer * _SMALLER)
        if found:
            units = {"px": 1, "pt": _POINT, "rem": _SIZE, "em": outer, "%": outer / 100}
            return float(found[1]) * units[found[2].lower()]
    return outer * _SMALLER if tag in ("small", "sub", "sup") else outer


def _colour(written: str) -> str:
    found = _COLOUR.search(written)
    if found is None:
        return ""
    digits = found[0][1:].lower()
    return f"#{digits}" if len(digits) == 6 else "#" + "".join(digit * 2 for digit in digits)


def _dark_rules(css: str) -> dict[str, dict[str, str]]:
    """Give what the dark block says of each class; other selectors are beyond this reading."""
    rules: dict[str, dict[str, str]] = {}
    for block in _DARK.findall(css):
        for selectors, body in _RULE.findall(block):
            said = dict(declarations_of(body.replace("!important", "")))
            for selector in selectors.split(","):
                named = _PLAIN_CLASS.fullmatch(selector.strip())
                if named:
                    rules[named[1]] = rules.get(named[1], {}) | said
    return rules


_UNSEEN = "style, script, title, [style*='display:none']"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An `<a>` element."""

    href: str
    text: str
    #: `aria-label`; empty without one.
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a subscriber sees of the HTML, and where it leads."""

    links: tuple[Link, ...]
    #: Text as shown, piece by piece.
    texts: tuple[str, ...]
    #: Values of `alt`, `aria-label`, `title` and `content` attributes.
    attributes: tuple[str, ...]


def read_page(html: str) -> Page:
    """Parse the HTML of a mail."""
    tree = LexborHTMLParser(html)
    links = tuple(_read_link(node) for node in tree.css("a"))
    attributes = tuple(_attributes(tree))
    for node in tree.css(_UNSEEN):
        node.decompose()
    return Page(links=links, texts=_texts(tree), attributes=attributes)


def _read_link(node: LexborNode) -> Link:
    return Link(
        href=node.attributes.get("href") or "",
        text=" ".join(node.text().split()),
        label=node.attributes.get("aria-label") or "",
    )


def _attributes(tree: LexborHTMLParser) -> list[str]:
    return [
        value
        for node in tree.css("[alt], [aria-label], [title], [content]")
        for name in ("alt", "aria-label", "title", "content")
        if (value := node.attributes.get(name))
    ]


def _texts(tree: LexborHTMLParser) -> tuple[str, ...]:
    if tree.body is None:
        return ()
    nodes = tree.body.traverse(include_text=True)
    return tuple(words for node in nodes if node.tag == "-text" and (words := node.text().strip()))
