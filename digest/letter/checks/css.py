"""E02, E03: styles that mail programs support, by the table of `data/support.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from digest.letter.checks.dom import Element, declarations_of
from digest.letter.checks.lint_context import LintContext
from digest.models import Finding

#: A style sheet beyond 16 KB is dropped by Gmail; a plain letter needs far less.
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
#: Scripts and forms run nowhere and make filters wary; frames and outer sheets fetch.
_FORBIDDEN = (
    "script, form, input, button, select, textarea, iframe, frame, object, embed, base, link"
)
#: What only betters a mail that is right without it: dark mode, and the doctype that one program
#: takes off a mail that it shows nevertheless.
_BETTERMENTS: frozenset[Use] = frozenset(
    {
        ("at-rule", "@media (prefers-color-scheme)"),
        ("property", "color-scheme"),
        ("markup", "doctype"),
    }
)


def check_kept_css(context: LintContext) -> Iterator[Finding]:
    """E02: the style sheets that stay in the head: short, flat, and without what breaks them."""
    css = kept_css(context.mail.html)
    size = len(css.encode())
    if size > WARN_CSS:
        yield _finding("E02", "style sheets", f"{size:,} bytes; at most {WARN_CSS:,} are needed", 0)
    for fault in _sheet_faults(css):
        yield _finding("E02", "style sheets", f"{fault}; mend the template")


def check_support(context: LintContext) -> Iterator[Finding]:
    """E03: styles outside the list that all programs know, and elements that have no place."""
    for element in context.elements:
        for name, value in element.style:
            fault = _inline_fault(name, value)
            if fault:
                yield _finding("E03", f"<{element.tag}> {name}:{value}"[:80], fault)
    for tag in sorted(
        {node.tag or "" for node in LexborHTMLParser(context.mail.html).css(_FORBIDDEN)}
    ):
        yield _finding("E03", f"<{tag}>", "has no place in a mail; mend the template")
    uses = uses_of(context.mail.html, context.elements, kept_css(context.mail.html))
    lacking = unsupported()
    for use in sorted(uses & lacking.keys() - _BETTERMENTS):
        kind, name = use
        yield _finding("E03", f"{kind} {name}", f"not supported by {', '.join(lacking[use])}")


def kept_css(html: str) -> str:
    """Give the style sheets of a mail; those in comments, for one program alone, do not count."""
    return "\n".join(node.text() for node in LexborHTMLParser(html).css("style"))


def _sheet_faults(css: str) -> Iterator[str]:
    if _has_nested_rule(css):
        yield "an @ rule inside another: some programs drop the whole sheet"
    if _TIGHT_IMPORTANT.search(css):
        yield "no space before !important: some programs drop the declaration"
    if "/*" in css or "<!--" in css:
        yield "a comment: some programs drop what follows"
    for rule in sorted({found.lower() for found in _FORBIDDEN_RULE.findall(css)}):
        yield f"{rule}: fetches from elsewhere when the mail is opened"


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


def _inline_fault(name: str, value: str) -> str:
    if name not in _ALLOWED and not name.startswith(_ALLOWED_BEGINNINGS):
        return "not a property that all mail programs know; mend the template"
    if name == "display" and value.lower() not in _DISPLAYS:
        return f"only {', '.join(sorted(_DISPLAYS))} are known everywhere; mend the template"
    if name.startswith("margin") and _NEGATIVE.search(value):
        return "a negative margin: several programs drop it; mend the template"
    if _BAD_VALUE.search(value):
        return "a value that several mail programs drop; mend the template"
    return ""


def _finding(rule: str, place: str, text: str, is_error: int = 1) -> Finding:
    return Finding(rule=rule, is_error=bool(is_error), place=place, text=text)


#: How it is used and what, such as `("property", "border-radius")`; see
#: `tests/support/caniemail.py`.
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
