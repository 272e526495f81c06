"""Writes superscripts, subscripts and MathML as plain text: `10⁶`, `H₂O`, `x^n`, `(a+b)/2`."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from selectolax.lexbor import LexborNode

# Other superscript letters are missing from many fonts of mail clients.
_SUPERSCRIPTS = dict(zip("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_SUBSCRIPTS = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_MARKS = {"tm": "™", "sm": "℠"}

# One with its content; a longer one is small print. Innermost first.
_SCRIPT = re.compile(
    r"<(?P<tag>su[bp])\b[^<>]*>(?P<text>(?:[^<]|<(?!/?su[bp]\b)){0,120})</(?P=tag)\s*>"
)
_FRACTION = re.compile(
    r"(?P<whole>\d)?\s?<sup\b[^<>]*>\s*(?P<top>\d{1,3})\s*</sup>\s?[/⁄∕]\s?"
    r"<sub\b[^<>]*>\s*(?P<bottom>\d{1,3})\s*</sub>"
)
_INLINE_TAG = re.compile(r"<[^<>]*>")
#: Characters before a superscript that are checked.
_REACH = 80
_LONGEST = 12
#: Superscripts inside superscripts.
_DEEPEST = 3
# `1st`, `2e`, `n°`, `Mme`, `XXe`: letters that end a word, no power.
_ENDING = re.compile(r"[^\W\d_²³¹]{2,}\.?|[aeoªº°]")
_BASE_OF_ENDING = re.compile(r"(?:\d|\b[IVXLC]+|\b[A-Z]|\b[Nn])$")
# A mark that points to a note: `*`, `[1]`, `1,2`.
_NOTE = re.compile(r"[^\w\s+−=-]+|\[[^\]]*\]|\d{1,3}(?:\s?[,;–]\s?\d{1,3})+")


def write_scripts(markup: str) -> str:
    """Return `markup` with each `<sup>` and `<sub>` as text: Unicode, or after `^` or `_`.

    Ordinals and abbreviations (`1st`, `Mme`), notes and small print keep their plain letters.
    """
    if "<su" not in markup:
        return markup
    markup = _FRACTION.sub(_as_fraction, markup)
    for _ in range(_DEEPEST):
        markup = _SCRIPT.sub(_as_text, markup)
    return markup


def _as_fraction(found: re.Match[str]) -> str:
    whole = f"{found['whole']} " if found["whole"] else ""
    return f"{whole}{found['top']}/{found['bottom']}"


def _as_text(found: re.Match[str]) -> str:
    said = _INLINE_TAG.sub("", found["text"]).strip()
    before = _INLINE_TAG.sub("", found.string[max(0, found.start() - _REACH) : found.start()])
    is_raised = found["tag"] == "sup"
    has_base = before[-1:].isalnum() or before[-1:] in (")", "]")
    is_plain = not said or len(said) > _LONGEST or _NOTE.fullmatch(said) is not None
    if is_plain or (not has_base and not (is_raised and said.isdigit())):
        return found["text"]
    if is_raised and said.lower() in _MARKS:
        return _MARKS[said.lower()]
    if is_raised and _ENDING.fullmatch(said) and (len(said) > 1 or _BASE_OF_ENDING.search(before)):
        return found["text"]
    return _script(said, is_raised=is_raised)


def _script(said: str, *, is_raised: bool) -> str:
    signs = _SUPERSCRIPTS if is_raised else _SUBSCRIPTS
    if all(char in signs for char in said):
        return "".join(signs[char] for char in said)
    return ("^" if is_raised else "_") + _grouped(said)


def _grouped(said: str) -> str:
    """Return a term in brackets, unless it is one name, number or bracketed term."""
    is_one = said.replace(".", "").isalnum() or (said[:1] == "(" and said[-1:] == ")")
    return said if is_one else f"({said})"


_INVISIBLE_OPERATORS = re.compile(r"[\u2062-\u2064]")
_SPACED = frozenset("=<>≤≥≈≠≡±+−-×·→⇒⇔∈∉⊂⊆∪∩∧∨∼∝")


def mathml_text(node: LexborNode) -> str:
    """Return a MathML element as one line of text."""
    children = [child for child in node.iter(include_text=False) if child.tag != "-text"]
    tag = (node.tag or "").lower()
    if not children:
        said = " ".join(node.text(deep=True).split())
        return _INVISIBLE_OPERATORS.sub("", said.replace("\u2061", " "))
    if tag == "semantics":  # the other children are annotations
        return mathml_text(children[0])
    parts = [mathml_text(child) for child in children]
    arranged = _ARRANGED.get(tag)
    if arranged and len(parts) >= arranged[0]:
        return arranged[1](parts)
    if tag == "mtable":
        return "(" + "; ".join(parts) + ")"
    if tag == "mtr":
        return " ".join(parts)
    return _in_row(parts)


_ARRANGED: dict[str, tuple[int, Callable[[list[str]], str]]] = {
    "msup": (2, lambda parts: parts[0] + _script(parts[1], is_raised=True)),
    "msub": (2, lambda parts: parts[0] + _script(parts[1], is_raised=False)),
    "mfrac": (2, lambda parts: f"{_grouped(parts[0])}/{_grouped(parts[1])}"),
    "msqrt": (1, lambda parts: f"√{_grouped(_in_row(parts))}"),
    "mroot": (2, lambda parts: f"{_grouped(parts[0])}^(1/{parts[1]})"),
    "munder": (2, lambda parts: parts[0] + _script(parts[1], is_raised=False)),
    # Mostly an accent, such as a bar or an arrow.
    "mover": (2, lambda parts: parts[0]),
    "mfenced": (1, lambda parts: f"({', '.join(parts)})"),
    **dict.fromkeys(
        ("msubsup", "munderover"),
        (
            3,
            lambda parts: (
                parts[0] + _script(parts[1], is_raised=False) + _script(parts[2], is_raised=True)
            ),
        ),
    ),
}


def _in_row(parts: list[str]) -> str:
    """Return the parts of a row, with spaces around its operators; a sign at the start has none."""
    row = ""
    for before, part in pairwise(["", *filter(None, parts)]):
        is_binary = part in _SPACED and before not in ("", "(", "[", ",") and before not in _SPACED
        row += f" {part} " if is_binary else part
    return " ".join(row.split())
