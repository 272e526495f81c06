"""E01, E08, E09, E10, E19: check size, structure, contrast, type size and long words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from digest.letter.checks.dom import Element, tree_of
from digest.letter.checks.lint_context import LintContext
from digest.letter.plain import shorten
from digest.letter.printing.theme import MIN_CONTRAST, contrast
from digest.models import Finding

MIN_SIZE = 13
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def check_structure(context: LintContext) -> Iterator[Finding]:
    """E08: table roles, language and direction, one main heading, no skipped level."""
    for place, fault in (*_outline_faults(context), *_language_faults(context.mail.html)):
        yield Finding(rule="E08", is_error=True, place=place, text=f"{fault}; fix the template")


def check_contrast(context: LintContext) -> Iterator[Finding]:
    """E09: contrast of text on its background, in light and dark mode."""
    for element in _read(context):
        for name, scheme in (("light", element.light), ("dark", element.dark)):
            ratio = contrast(scheme.colour, scheme.ground)
            if ratio < MIN_CONTRAST:
                fault = f"{scheme.colour} on {scheme.ground} in {name} mode"
                fault += f": contrast {ratio:.1f} must be at least {MIN_CONTRAST}"
                yield _of_words("E09", element, fault)


def check_type_size(context: LintContext) -> Iterator[Finding]:
    """E10: text must have at least 13 pixels."""
    for element in _read(context):
        if element.size < MIN_SIZE:
            fault = f"{element.size:g} pixels must be at least {MIN_SIZE}"
            yield _of_words("E10", element, fault)


def _outline_faults(context: LintContext) -> Iterator[tuple[str, str]]:
    for element in context.elements:
        if element.tag == "table" and element.attributes.get("role") != "presentation":
            yield "a table", 'has no role="presentation"; screen readers read it as data'
    levels = [_HEADINGS.index(each.tag) + 1 for each in context.elements if each.tag in _HEADINGS]
    if levels.count(1) != 1:
        yield "headings", f"{levels.count(1)} of the first level, there must be one"
    for above, level in itertools.pairwise(levels):
        if level > above + 1:
            yield "headings", f"level {level} follows level {above}"


def _language_faults(html: str) -> Iterator[tuple[str, str]]:
    tree = tree_of(html)
    wrapper = tree.css_first("body > *")
    for name, node in (("<html>", tree.root), ("the wrapper", wrapper)):
        given = node.attributes if node is not None else {}
        for attribute in ("lang", "dir"):
            if not given.get(attribute):
                yield name, f"has no {attribute}"


def _read(context: LintContext) -> Iterator[Element]:
    return (each for each in context.elements if each.words and each.is_shown)


def _of_words(rule: str, element: Element, fault: str) -> Finding:
    place = f"“{shorten(element.words, 60)}”"
    return Finding(rule=rule, is_error=True, place=place, text=f"{fault}; fix theme or template")


WARN_BYTES = 60_000
#: Gmail clips from about 102,000.
MAX_BYTES = 90_000


def check_size(context: LintContext) -> Iterator[Finding]:
    """E01: the size of the HTML, and the parts cut to reduce it."""
    size, trims = len(context.mail.html.encode()), context.variant.trims
    if size > WARN_BYTES or trims:
        text = f"{size:,} bytes, but Gmail clips at 102,000; show fewer posts per section"
        text += f"; cut to fit: {'; '.join(trims)}" if trims else ""
        yield Finding(rule="E01", is_error=size > MAX_BYTES, place="HTML", text=text)


MAX_RUN = 40
# Lines can break at blanks and dashes, and between any two characters of scripts without spaces:
# Thai to Khmer, Chinese, Japanese, Korean.
_RUN = re.compile(
    rf"[^\s\u00ad\u200b\-‐–—\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af"
    rf"\uf900-\ufaff\uff00-\uffef]{{{MAX_RUN + 1},}}"
)


def check_long_words(context: LintContext) -> Iterator[Finding]:
    """E19: visible text must not have more than 40 characters without a break."""
    for run in dict.fromkeys(run for words in context.page.texts for run in _RUN.findall(words)):
        text = f"{len(run)} characters without a break, which phones may cut off"
        yield Finding(rule="E19", is_error=False, place=f"“{shorten(run, 60)}”", text=text)
