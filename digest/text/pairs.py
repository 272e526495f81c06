"""Checks that quotation marks and brackets in a text come in pairs, in all common styles."""

from __future__ import annotations

import re

#: Closing marks for each opening mark. German closes with the mark that opens in English.
_CLOSERS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "（": "）",
    "［": "］",
    "【": "】",
    "〔": "〕",
    "《": "》",
    "〈": "〉",
    "「": "」",
    "『": "』",
    "“": "”",
    "„": "“”",
    "‟": "”",
    "‘": "’",
    "‚": "‘’",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹›",
    "”": "”",
    '"': '"',
    "'": "'",
}
_MARKS = frozenset("".join(_CLOSERS.values())) | frozenset(_CLOSERS)

#: With more open marks than this, the first one counts as unpaired.
_DEEPEST = 50

# Apostrophes inside and before words, emoticons, and list numbers.
_NOT_MARKS = re.compile(
    r"(?<=[\w#+])['’‘](?=\w)"
    r"|(?<!\w)['‘’](?=\d\ds?\b|(?:tis|twas|em|til|till|cause|bout|round|n)\b)"
    r"|(?<![\w.,])[:;=8][-'^]?[()\[\]{}]+"
    r"|(?<!\S)(?:\d{1,2}|[a-z])\)(?=\s)",
    re.IGNORECASE,
)


def is_paired(text: str) -> bool:
    """Return whether every quotation mark and bracket in `text` is paired."""
    return first_unpaired(text) is None


def first_unpaired(text: str) -> int | None:
    """Return the position of the first unpaired mark; None if all are paired."""
    plain = _NOT_MARKS.sub(lambda found: " " * len(found[0]), text)
    opened: list[tuple[str, int]] = []
    for at, mark in enumerate(plain):
        if mark not in _MARKS:
            continue
        before, after = plain[at - 1 : at] or " ", plain[at + 1 : at + 2] or " "
        if opened and mark in _CLOSERS[opened[-1][0]] and not _opens_word(mark, before, after):
            opened.pop()
        elif mark in _CLOSERS and _may_open(mark, before):
            opened.append((mark, at))
            if len(opened) > _DEEPEST:
                break
        elif not _is_sign(mark, before):
            return opened[0][1] if opened else at
    return opened[0][1] if opened else None


def _opens_word(mark: str, before: str, after: str) -> bool:
    """Return whether a mark that can open and close opens here, because it is before a word."""
    is_before_word = not (after.isspace() or after in ".,;:!?…")
    return mark in "'\"" and before.isspace() and is_before_word


def _may_open(mark: str, before: str) -> bool:
    return mark not in "'\"" or not (before.isalnum() or before in ".,!?…")


def _is_sign(mark: str, before: str) -> bool:
    """Return whether a mark is an apostrophe (boys' club) or means feet or inches (a 5" gun)."""
    return mark in "'’" or (mark in '"”' and before.isdigit())
