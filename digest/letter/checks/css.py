"""E02, E03: check that mail programs support all styles, by the table `data/support.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

from digest.letter.checks.dom import Element, declarations_of, tree_of
from digest.letter.checks.lint_context import LintContext
from digest.models import Finding

#: Bytes; Gmail drops a style sheet over 16 KB, and a normal letter needs far less.
WARN_CSS = 4_096

_ALLOWED = frozenset(
    """background-color border border-radius color display font height letter-spacing line-height
    margin max-height max-width overflow padding text-align text-decoration text-transform
    vertical-align width word-break""".split()  # noqa: SIM905
)
_ALLOWED_BEGINNINGS = ("border-", "font-", "margin-", "padding-", "mso-")
_DISPLAYS = frozenset({"block", "inline-block", "none"})
_BAD_VALUE = re.compile(
    r"(?<![\w-])(?:var|calc|expression)\s*\(|(?<![\w-])url\s*\(|(?<![\w#.])-?[\d.]+rem(?![\w-])",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(r"(?<![\w.])-\s*[\d.]")
_TIGHT_IMPORTANT = re.compile(r"\S!\s*important", re.IGNORECASE)
_FORBIDDEN_RULE = re.compile(r"@(?:import|font-face)", re.IGNORECASE)
#: No mail program runs scripts and forms, and filters distrust them; frames and external sheets
#: fetch from the network.
_FORBIDDEN = (
    "script, form, input, button, select, textarea, iframe, frame, object, embed, base, link"
)
#: Optional uses, without which the mail is still right: dark mode, and the doctype, which one
#: program removes.
_OPTIONAL: frozenset[Use] = frozenset(
    {
        ("at-rule", "@media (prefers-color-scheme)"),
        ("property", "color-scheme"),
        ("markup", "doctype"),
    }
)


def check_kept_css(context: LintContext) -> Iterator[Finding]:
    """E02: the style sheets kept in the head must be short, flat and free of risky CSS."""
    css = kept_css(context.mail.html)
    size = len(css.encode())
    if size > WARN_CSS:
        text = f"{size:,} bytes, recommended at most {WARN_CSS:,}; shorten them"
        yield _finding("E02", "style sheets", text, 0)
    for fault in _sheet_faults(css):
        yield _finding("E02", "style sheets", f"{fault}; fix the template")


def check_support(context: LintContext) -> Iterator[Finding]:
    """E03: styles must be supported by all programs; forbidden elements must not occur."""
    for element in context.elements:
        for name, value in element.style:
            fault = _inline_fault(name, value)
            if fault:
                yield _finding("E03", f"<{element.tag}> {name}:{value}"[:80], fault)
    for tag in sorted({node.tag or "" for node in tree_of(context.mail.html).css(_FORBIDDEN)}):
        yield _finding("E03", f"<{tag}>", "not allowed in a mail; fix the template")
    uses = uses_of(context.mail.html, context.elements, kept_css(context.mail.html))
    lacking = unsupported()
    for use in sorted(uses & lacking.keys() - _OPTIONAL):
        kind, name = use
        yield _finding("E03", f"{kind} {name}", f"not supported by {', '.join(lacking[use])}")


def kept_css(html: str) -> str:
    """Return the style sheets of a mail, without those in comments for a single program."""
    return "\n".join(node.text() for node in tree_of(html).css("style"))


def _sheet_faults(css: str) -> Iterator[str]:
    if _has_nested_rule(css):
        yield "an @ rule inside another: some mail programs drop the whole style sheet"
    if _TIGHT_IMPORTANT.search(css):
        yield "no space before !important: some mail programs drop the declaration"
    if "/*" in css or "<!--" in css:
        yield "a comment: some mail programs drop the rest of the style sheet"
    for rule in sorted({found.lower() for found in _FORBIDDEN_RULE.findall(css)}):
        yield f"{rule}: fetches from the network when the mail is opened"


def _has_nested_rule(css: str) -> bool:
    depth = 0
    inside_at: list[int] = []
    for sign in re.findall(r"[@{}]", css):
        if sign == "@":
            if depth and inside_at:
                return True
            inside_at.append(depth)
        elif sign == "{":
            depth += 1
        else:
            depth = max(0, depth - 1)
            if inside_at and inside_at[-1] >= depth:
                inside_at.pop()
    return False


# The elements of a letter share few styles, and the letters of an edition share them too.
@lru_cache(maxsize=1024)
def _inline_fault(name: str, value: str) -> str:
    if name not in _ALLOWED and not name.startswith(_ALLOWED_BEGINNINGS):
        return "not supported by all mail programs; fix the template"
    if name == "display" and value.lower() not in _DISPLAYS:
        return f"use only {', '.join(sorted(_DISPLAYS))}; fix the template"
    if name.startswith("margin") and _NEGATIVE.search(value):
        return "several mail programs drop negative margins; fix the template"
    if _BAD_VALUE.search(value):
        return "several mail programs drop this value; fix the template"
    return ""


def _finding(rule: str, place: str, text: str, is_error: int = 1) -> Finding:
    return Finding(rule=rule, is_error=bool(is_error), place=place, text=text)


#: A kind and a name, such as `("property", "border-radius")`; see `tests/support/caniemail.py`.
Use = tuple[str, str]

_DATA = files("digest.letter.checks") / "data"

_UNIT = re.compile(r"(?<![\w#.-])-?[\d.]+(px|%|[a-z]{1,4})(?![\w-])")
_FUNCTION = re.compile(r"(?<![\w-])([a-z-]+)\(")
_AFTER_AT_RULE = re.compile(r"[^@\w-]")
_AT_FEATURE = re.compile(r"\(\s*([\w-]+)")
_PSEUDO = re.compile(r"::?[a-z-]+")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ATTRIBUTE_SELECTOR = re.compile(r"\[[^\]]*\]")
_SIGNS = {">": "a > b", "+": "a + b", "~": "a ~ b", "*": "*", ",": "a, b", "#": "#id"}


def uses_of(html: str, elements: Iterable[Element], css: str) -> frozenset[Use]:
    """Return the HTML and CSS features that a mail uses.

    Args:
        html: the whole mail.
        elements: the elements of its body.
        css: the style sheets that are kept.
    """
    found: set[Use] = set(_markup_uses(html))
    for element in elements:
        found |= set(_element_uses(element))
    return frozenset(found | set(_css_uses(css)))


@cache
def unsupported() -> dict[Use, tuple[str, ...]]:
    """Return the features that large mail programs do not support, with those programs."""
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
    """Return the kind of a picture from its address, such as `jpg`; empty if unknown."""
    if src.lower().startswith("data:"):
        return "data:"
    try:
        path = urlsplit(src).path
    except ValueError:
        return ""
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    return ending.lower() if dot else ""


@lru_cache(maxsize=1024)
def _style_uses(style: tuple[tuple[str, str], ...]) -> frozenset[Use]:
    return frozenset(use for name, value in style for use in _uses(name, value.lower()))


def _uses(name: str, value: str) -> Iterator[Use]:
    if "!important" in value:
        yield "markup", "!important"
    yield "property", name
    yield from (("value", f"{name}:{word}") for word in value.split())
    yield from (("unit", unit) for unit in _UNIT.findall(value))
    yield from (("function", f"{found}()") for found in _FUNCTION.findall(value))


def _css_uses(css: str) -> Iterator[Use]:
    """Read a style sheet: the selectors before each brace and the declarations between them."""
    for part in re.split(r"[{}]", css):
        words = part.strip()
        if words.startswith("@"):
            yield from _at_uses(words)
        elif re.match(r"[\w-]+\s*:[^:{]*(?:;|$)", words):
            yield from _style_uses(declarations_of(words))
        elif words:
            yield from _selector_uses(words)


def _at_uses(words: str) -> Iterator[Use]:
    name = _AFTER_AT_RULE.split(words, maxsplit=1)[0]
    yield "at-rule", name
    yield from (("at-rule", f"{name} ({part})") for part in _AT_FEATURE.findall(words))


def _selector_uses(words: str) -> Iterator[Use]:
    plain = _ATTRIBUTE_SELECTOR.sub("", words)
    if plain != words:
        yield "selector", "[attribute]"
    yield from (("selector", name) for name in _PSEUDO.findall(plain))
    yield from (("selector", name) for sign, name in _SIGNS.items() if sign in plain)
    if re.search(r"(?:^|[\s,>+~])[a-z]", words):
        yield "selector", "type"
    if re.search(r"\.[\w-]+\.[\w-]", plain):
        yield "selector", ".a.b"
    if "." in plain:
        yield "selector", ".class"
    if re.search(r"[^\s,>+~] +[^\s,>+~]", words):
        yield "selector", "a b"
