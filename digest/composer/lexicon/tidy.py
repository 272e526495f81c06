"""Small repairs that any printed text gets: stray marks out, long addresses shortened."""

from __future__ import annotations

import re
import unicodedata

from digest.text.excerpts import EMOJI

#: Addresses up to this length stay whole in running text.
MAX_ADDRESS = 40

_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"“”‘’«»(){}\[\]（）「」]+", re.IGNORECASE)
_HOST = re.compile(r"https?://(?:[^\s/@]*@)?(?P<host>[^\s/:?#]+)(?P<rest>.*)", re.IGNORECASE)
_LEFTOVERS = re.compile(r"\]\]>|<!\[CDATA\[|[\u200b\u2060\ufeff\u00ad\ufffc]|^[\u200d\ufe0f]+")
_SPACED_DOTS = re.compile(r"\.(?: \.){2,}")
_EMOJI_RUN = re.compile(rf"(?:{EMOJI}\s*){{3,}}")
# A note's number after the stop: superscript, or a plain figure glued to a word's stop.
_NOTE = re.compile(
    r"(?<=[.!?…,;:”’»\")])[⁰¹²³⁴-⁹]{1,3}"
    r"|(?<=[^\W\d_A-Z]{3}[.!?])\d{1,2}(?=\s+[A-ZÀ-Þ“„«\"(¿¡]|$)"
    r"|(?<=[.!?][”’»\"])\d{1,2}(?=\s|$)"
)
# Line breaks in the source; no one writes a space between two of these letters.
_CJK_GAP = re.compile(
    r"(?<=[\u3001-\u301f\u3040-\u30ff\u3400-\u9fff\uff01-\uff1f])\s+"
    r"(?=[\u3001-\u301f\u3040-\u30ff\u3400-\u9fff])"
)


def tidy_line(text: str, *, max_address: int = MAX_ADDRESS) -> str:
    """Return `text` as one line: white space collapsed, NFC, no runs of three or more emoji.

    Args:
        text: plain text.
        max_address: web addresses longer than this are shown as `host/…`.
    """
    text = _EMOJI_RUN.sub(" ", _LEFTOVERS.sub("", unicodedata.normalize("NFC", text)))
    text = _SPACED_DOTS.sub("…", text)
    text = _CJK_GAP.sub("", _NOTE.sub("", text))
    return " ".join(shorten_addresses(text, max_address).split())


def shorten_addresses(text: str, max_address: int = MAX_ADDRESS) -> str:
    """Return `text` with every web address longer than `max_address` shown as `host/…`."""
    return _ADDRESS.sub(lambda found: _shorten(found[0], max_address), text)


def is_address(text: str) -> bool:
    """Whether `text` is nothing but a web address."""
    return _ADDRESS.fullmatch(text.strip()) is not None


def _shorten(address: str, longest: int) -> str:
    bare = address.rstrip(".,;:!?…'")
    tail = address[len(bare) :]
    found = _HOST.match(bare)
    if len(bare) <= longest or found is None:
        return address
    return found["host"] + ("/…" if found["rest"].strip("/") else "") + tail
