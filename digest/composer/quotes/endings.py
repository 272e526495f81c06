"""Cuts off what stands after a comment's own words: later additions and lines of telephones."""

from __future__ import annotations

import re
from functools import cache

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.words import DEVICES, EDITS, SENT

#: Characters of the line that a telephone adds.
_MAX_SENT = 80
#: The line before a signature in e-mail (RFC 3676, section 4.3).
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)


def without_endings(text: str) -> str:
    """Return a comment up to "EDIT: …", "Sent from my …" or a signature; all if it begins so."""
    cuts = [found.start() for found in (_edit().search(text), _SIGNATURE.search(text)) if found]
    # In the middle of a line, a label in small letters may be a word: "My conclusion. Update: no."
    inside = (each for each in _edit_inside().finditer(text) if each["label"].isupper())
    cuts.extend(each.start() for each in inside)
    lines = text[: min(cuts, default=len(text))].rstrip().split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or _is_sent_line(lines[-1])):
        lines.pop()
    kept = "\n".join(lines).rstrip()
    return kept or text


def _is_sent_line(line: str) -> bool:
    plain = fold_plain(line).strip(" .…!*_—–-")
    if len(plain) > _MAX_SENT or not DEVICES.find(plain):
        return False
    # Some languages say "sent" last: "von meinem iPhone gesendet".
    return SENT.begins(plain) or any(plain.endswith(each) for each in SENT.find_all(plain))


def _label() -> str:
    labels = EDITS.alternatives
    return (
        rf"[*_(\[~]{{0,3}}(?P<label>{labels})\s?\d{{0,2}}(?:\s?\([^()\n]{{0,30}}\))?[*_]*\s?[:：]"
    )


@cache
def _edit() -> re.Pattern[str]:
    return re.compile(rf"^\W{{0,3}}{_label()}", re.IGNORECASE | re.MULTILINE)


@cache
def _edit_inside() -> re.Pattern[str]:
    return re.compile(rf"(?<=[.!?…)])\s+{_label()}", re.IGNORECASE)
