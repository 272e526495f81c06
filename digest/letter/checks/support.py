"""What a mail uses of HTML and CSS, and which of it large mail programs do not support.

The list of the latter, `data/support.json`, is made from the caniemail data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from digest.letter.checks.dom import Element, declarations_of

#: How it is used and what, such as `("property", "border-radius")`; see `tests/caniemail.py`.
Use = tuple[str, str]

_DATA = files("digest.letter.checks") / "data"

_UNIT = re.compile(r"(?<![\w#.-])-?[\d.]+(px|%|[a-z]{1,4})(?![\w-])")
_FUNCTION = re.compile(r"(?<![\w-])([a-z-]+)\(")
_AT_RULE = re.compile(r"@[\w-]+")
_AT_FEATURE = re.compile(r"\(\s*([\w-]+)")
_PSEUDO = re.compile(r"::?[a-z-]+")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ATTRIBUTE_SELECTOR = re.compile(r"\[[^\]]*\]")
_SIGNS = {">": "a > b", "+": "a + b", "~": "a ~ b", "*": "*", ",": "a, b", "#": "#id"}


def uses_of(html: str, elements: Iterable[Element], css: str) -> frozenset[Use]:
    """Give all that a mail uses.

    Args:
        html: of the whole mail.
        elements: of its body.
        css: of the style sheets that are kept.
    """
    found: set[Use] = set(_markup_uses(html))
    for element in elements:
        found |= set(_element_uses(element))
    return frozenset(found | set(_css_uses(css)))


@cache
def unsupported() -> dict[Use, tuple[str, ...]]:
    """Give what some of the large mail programs do not support, and which."""
    read = json.loads((_DATA / "support.json").read_text("utf-8"))
    return {(kind, name): tuple(clients) for kind, name, clients in read["unsupported"]}


def _markup_uses(html: str) -> Iterator[Use]:
    yield from (
        ("element", name) for name in ("html", "head", "body", "style") if f"<{name}" in html
    )
    if html.lstrip().lower().startswith("<!doctype"):
        yield "markup", "doctype"
    if _COMMENT.search(html):
        yield "markup", "comment"


def _element_uses(element: Element) -> Iterator[Use]:
    yield "element", element.tag
    yield from (("attribute", name) for name in element.attributes)
    href = element.attributes.get("href", "").lower()
    if href.startswith("#"):
        yield "markup", "local anchor"
    if href.startswith("mailto:"):
        yield "markup", "mailto link"
    if element.tag == "img":
        yield "image", image_kind(element.attributes.get("src", ""))
    yield from _style_uses(element.style)


def image_kind(src: str) -> str:
    """Give the kind of a picture by its address, such as `jpg`; empty where it does not tell."""
    if src.lower().startswith("data:"):
        return "data:"
    try:
        path = urlsplit(src).path
    except ValueError:
        return ""
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    return ending.lower() if dot else ""


def _style_uses(style: Iterable[tuple[str, str]]) -> Iterator[Use]:
    for name, value in style:
        value = value.lower()
        if "!important" in value:
            yield "markup", "!important"
        yield "property", name
        yield from (("value", f"{name}:{word}") for word in value.split())
        yield from (("unit", unit) for unit in _UNIT.findall(value))
        yield from (("function", f"{found}()") for found in _FUNCTION.findall(value))


def _css_uses(css: str) -> Iterator[Use]:
    """Read a style sheet: the words before each brace, and the declarations between them."""
    for part in re.split(r"[{}]", css):
        words = part.strip()
        if words.startswith("@"):
            yield from _at_uses(words)
        elif re.match(r"[\w-]+\s*:[^:{]*(?:;|$)", words):
            yield from _style_uses(declarations_of(words))
        elif words:
            yield from _selector_uses(words)


def _at_uses(words: str) -> Iterator[Use]:
    name = _AT_RULE.match(words)
    if name:
        yield "at-rule", name[0]
        yield from (("at-rule", f"{name[0]} ({what})") for what in _AT_FEATURE.findall(words))


def _selector_uses(words: str) -> Iterator[Use]:
    plain = _ATTRIBUTE_SELECTOR.sub("", words)
    if plain != words:
        yield "selector", "[attribute]"
    yield from (("selector", name) for name in _PSEUDO.findall(plain))
    yield from (("selector", what) for sign, what in _SIGNS.items() if sign in plain)
    if re.search(r"(?:^|[\s,>+~])[a-z]", words):
        yield "selector", "type"
    if re.search(r"\.[\w-]+\.[\w-]", plain):
        yield "selector", ".a.b"
    if "." in plain:
        yield "selector", ".class"
    if re.search(r"[^\s,>+~] +[^\s,>+~]", words):
        yield "selector", "a b"
