"""Undoes the encoding of a document that was encoded twice.

Software that takes UTF-8 for a single-byte encoding, and encodes the result again, writes `Ã©` for
`é`. The document as a whole decides: only if every character can be traced back without loss.
"""

from __future__ import annotations

import html
import re
from functools import cache

#: Encodings taken for the text's own, the most frequent first.
_WESTERN = ("cp1252", "latin_1")
_CODE_PAGES = (
    *_WESTERN,
    *("iso8859_15", "mac_roman", "cp1250", "iso8859_2", "cp1251", "koi8_r", "cp1254", "cp1253"),
    *("cp1257", "cp1258", "cp1255", "cp1256", "cp874", "cp437", "cp850", "cp852", "cp866"),
)
#: More rounds are not seen.
_MAX_ROUNDS = 3
#: Fewer sequences than this may be quoted examples.
_MIN_PROOF = 3
#: Fewer different ones may be right text in the rarer code pages, whose letters follow each other.
_MIN_DIFFERENT = 4
#: A UTF-8 sequence of two bytes or more, and one within a word, with one character per byte.
_SEQUENCE = re.compile("[\xc2-\xf4][\x80-\xbf]{1,3}")
_IN_A_WORD = re.compile("[a-z][\xc2-\xf4][\x80-\xbf]|[\xc2-\xf4][\x80-\xbf]{1,3}[a-z]")
_RUN = re.compile(r"[^\x00-\x7f]+")
#: First characters of nearly all sequences: of letters with accents, marks and emoji.
_FIRST = "ÂÃÄÅâãð"
_BETWEEN_TAGS = re.compile(r"([<>])")
# References to characters that may stand for one byte, also where `&` is escaped.
_REFERENCE = re.compile(
    r"&(?:amp;)?(?!amp;|quot;|apos;)(#x[0-9a-f]{2,4}|#[1-9]\d{2,3}|[A-Za-z]{3,6}\d?);"
)
_FIRST_REFERENCE = re.compile(
    r"&(?:amp;)?(?:[Aa]circ|Atilde|#19[45]|#226|#xc[23]|#xe2);&", re.IGNORECASE
)


def undo_twice(text: str) -> tuple[str, str]:
    """Return the text with its second encoding undone, and the code page; unchanged if it has none.

    A text that only quotes such characters is not changed: it has other characters, or fewer than
    three that stand alone. Where a document has both, its parts between tags are judged: at least
    three must prove it, and only those that prove it are changed.
    """
    if _FIRST_REFERENCE.search(text):
        found, code_page = _undone(_REFERENCE.sub(_as_character, text))
        if code_page:
            return found, code_page
    return _undone(text)


def _undone(text: str) -> tuple[str, str]:
    if text.isascii():
        return text, ""
    route = ""
    for _ in range(_MAX_ROUNDS):
        found, code_page = _undone_once(text, _CODE_PAGES)
        if not code_page:
            break
        text, route = found, route or code_page
    return (text, route) if route else _undone_in_parts(text)


def _undone_once(text: str, code_pages: tuple[str, ...]) -> tuple[str, str]:
    runs = set(_RUN.findall(text))
    others = set().union(*runs)
    for code_page in code_pages if others else ():
        table = _bytes_of(code_page)
        if others <= table.keys():
            bytes_of = {ord(char): table[char] for char in others}
            # The first run that is not UTF-8 rules the code page out, long before the whole text.
            if all(_decoded(run.translate(bytes_of)) for run in runs):
                as_bytes = text.translate(bytes_of)
                if _is_proof(as_bytes, is_western=code_page in _WESTERN):
                    return _decoded(as_bytes), code_page
    return text, ""


def _undone_in_parts(text: str) -> tuple[str, str]:
    # No other character can be the first of a sequence in the two Western code pages.
    if not any(first in text for first in _FIRST):
        return text, ""
    parts = _BETWEEN_TAGS.split(text)
    changed = {}
    for index, part in enumerate(parts):
        if not part.isascii():
            found, code_page = _undone_once(part, _WESTERN)
            if code_page:
                changed[index] = found
    if len({parts[index] for index in changed}) < _MIN_PROOF:
        return text, ""
    return "".join(changed.get(index, part) for index, part in enumerate(parts)), _WESTERN[0]


def _as_character(reference: re.Match[str]) -> str:
    return html.unescape(f"&{reference[1]};")


def _decoded(as_bytes: str) -> str:
    """Return the text of bytes, given as one character each; empty if they are not UTF-8."""
    try:
        return as_bytes.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return ""


def _is_proof(as_bytes: str, *, is_western: bool) -> bool:
    """Return whether the sequences of UTF-8 cannot be right text by accident."""
    found = _SEQUENCE.findall(as_bytes)
    if not is_western:
        return len(found) >= _MIN_PROOF and len(set(found)) >= _MIN_DIFFERENT
    return len(found) >= _MIN_PROOF or _IN_A_WORD.search(as_bytes) is not None


@cache
def _bytes_of(code_page: str) -> dict[str, int]:
    """Return the byte of each character; one that it leaves free is a control, as in browsers."""
    table = {}
    for byte in range(0x80, 0x100):
        char = bytes((byte,)).decode(code_page, "ignore")
        if char or byte < 0xA0:
            table[char or chr(byte)] = byte
    return table
