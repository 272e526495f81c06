"""Cleans text from outside for one line of a header, a page or a text part."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from digest.text.graphemes import first_graphemes
from digest.text.invisible import remove_invisible

#: Longest URL shown in running text; some mail programs never break a long word.
MAX_SHOWN_URL = 40

# Soft hyphens, zero-width joiners and annotation marks: a plain-text part shows them as boxes.
# The joiners U+200C and U+200D stay: Persian words and many emoji need them.
_WIDTHLESS = re.compile("[\u00ad\u034f\u2060-\u2064\u206a-\u206f\ufff9-\ufffb]")
#: Characters removed from the end of a text that was cut.
_LOOSE_ENDS = " .,;:–—-·“„«‹([「（、，。．"
_ENDS = ("…", "?", "!", "？", "！", "؟")
_LONG_URL = re.compile(rf"https?://[^\s<>\"]{{{MAX_SHOWN_URL - 8},}}")


# A mail and its checks need most of its texts several times.
@lru_cache(maxsize=1024)
def one_line(text: str) -> str:
    """Return the text in one line: no controls, no bidirectional overrides, single spaces."""
    return " ".join(_WIDTHLESS.sub("", remove_invisible(text)).split())


def running_text(text: str) -> str:
    """Return the text in one line, with URLs over 40 characters shown as host and `/…`."""
    return _LONG_URL.sub(_shorten_url, one_line(text))


def shorten(text: str, limit: int) -> str:
    """Cut at the last word that leaves room for `…` within `limit` characters.

    Text without spaces between words is cut at the last visible character. No `…` is added after
    a `?` or `!`.
    """
    if len(text) <= limit:
        return text
    head, _space, _cut_word = text[:limit].rpartition(" ")
    if 2 * len(head) < limit:
        head = first_graphemes(text, limit - 1)
    head = head.rstrip(_LOOSE_ENDS)
    return head if head.endswith(_ENDS) else f"{head}…"


def host_of(url: str) -> str:
    """Return the host of a URL; empty if it has none or is malformed."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # an unclosed bracket
        return ""


def _shorten_url(match: re.Match[str]) -> str:
    url = match.group()
    if len(url) <= MAX_SHOWN_URL:
        return url
    ending = url[len(url.rstrip(".,;:!?)")) :]
    host = host_of(url)
    return f"{host}/…{ending}" if host else url
