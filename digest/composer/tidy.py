"""Small repairs that any printed text gets: stray marks out, long addresses shortened."""

from __future__ import annotations

import re
import unicodedata

#: Addresses up to this length stay whole in running text.
MAX_ADDRESS = 40

_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"“”‘’«»(){}\[\]（）「」]+", re.IGNORECASE)
_HOST = re.compile(r"https?://(?:[^\s/@]*@)?(?P<host>[^\s/:?#]+)(?P<rest>.*)", re.IGNORECASE)
_LEFTOVERS = re.compile(r"\]\]>|<!\[CDATA\[|[\u200b\u2060\ufeff\u00ad\ufffc]")
_EMOJI = (
    r"(?:[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    r"|[\U0001f300-\U0001faff\u2600-\u27bf][\ufe0f\U0001f3fb-\U0001f3ff]?)"
)
_EMOJI_RUN = re.compile(rf"(?:{_EMOJI}(?:\u200d{_EMOJI})*\s*){{3,}}")


def tidy_line(text: str, *, max_address: int = MAX_ADDRESS) -> str:
    """Give `text` as one line: white space collapsed, NFC, no runs of three or more emoji.

    Args:
        text: plain text.
        max_address: web addresses longer than this are shown as `host/…`.
    """
    text = _EMOJI_RUN.sub(" ", _LEFTOVERS.sub("", unicodedata.normalize("NFC", text)))
    text = _ADDRESS.sub(lambda found: _shorten(found[0], max_address), text)
    return " ".join(text.split())


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
