"""E02, E03: style sheets and styles that mail programs obey, or at least do not choke on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from digest.letter.checks.lint_context import LintContext
from digest.letter.checks.support import Use, unsupported, uses_of
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
