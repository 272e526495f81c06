"""Links, and ways to somebody's door: what may be printed of neither reader nor stranger."""

from __future__ import annotations

import re

from digest.models import Reason

_MAX_LINKS = 1

_LINK = re.compile(r"https?://|\bwww\.|\[url|<a\s", re.IGNORECASE)
# Most texts have none of these, and so are not searched for what is made of them.
_SIGNS_OF_EMAIL = re.compile(r"@|\bat[\])]|\bdot\b", re.IGNORECASE)
_SIGNS_OF_LINK = re.compile(r"://|www\.|\[url|<a", re.IGNORECASE)
_FIGURE = re.compile(r"\d\d|\d [A-Z]|\d,? rue|\w \d")
_EMAIL = re.compile(
    r"[\w.+-]{1,64}\s?(?:@|\[at\]|\(at\))\s?[\w-]{1,63}(?:\.|\s?\[dot\]\s?)[^\W\d_]{2,}"
    r"|[\w.+-]{1,64} at [\w-]{1,63} dot \w{2,4}\b",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w.,])(?:\+\d[\d ().-]{7,18}\d"
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
    r"|0\d(?:[ .-]\d\d){4}"
    r"|[679]\d\d(?: \d\d){3}"
    r"|0\d{2,4}[ /-](?:\d{2,4}[ -]?){2,4}"
    r"|(?:tel|phone|call|ring|text|whatsapp|telefon|handy|mobil|fax|tél|tfno|móvil|llama al)"
    r"(?: me| us)?(?: on| at| unter)?[.:]? ?\+?\d[\d /-]{4,18}\d)(?![\w])",
    re.IGNORECASE,
)
# As people write them in England, Germany, France and Spain.
_STREET = re.compile(
    r"\b\d{1,4}[a-z]? (?:[A-Z][\w'’]{1,30} ){1,3}"
    r"(?:Street|St|Road|Rd|Close|Lane|Avenue|Ave|Drive|Court|Terrace|Crescent|Gardens)\b"
    r"|\b[A-ZÄÖÜ][\wß-]{1,40}(?:straße|strasse|str\.|gasse|allee|weg|ring|damm|ufer|platz)"
    r" \d{1,3}\b"
    r"|\b\d{1,4},? (?:bis )?(?:rue|avenue|boulevard|impasse|chemin) (?:\w{1,6} ){0,3}[A-ZÉ]"
    r"|\b(?:[Cc]alle|[Aa]venida|[Pp]laza|[Pp]aseo) (?:[\w.]{1,20} ){0,4}?[\w.]{1,20},?"
    r" (?:n[.º°]{1,2} ?)?\d{1,3}\b"
)
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){3,7}")


def find_contact(text: str) -> Reason | None:
    """More than one link, or a way to somebody's door: number, address, account."""
    links = count_links(text)
    if links > _MAX_LINKS:
        return Reason(code="links", text=f"{links} links")
    if is_email(text):
        return Reason(code="contact", text="contains an e-mail address")
    has_figures = _FIGURE.search(text) is not None
    if has_figures and _PHONE.search(text):
        return Reason(code="contact", text="contains a telephone number")
    if has_figures and (_STREET.search(text) or _ACCOUNT.search(text)):
        return Reason(code="contact", text="contains an address or an account")
    return None


def has_link(text: str) -> bool:
    """Whether anything in a text looks like a link."""
    return _SIGNS_OF_LINK.search(text) is not None


def count_links(text: str) -> int:
    """How many links a text has."""
    return len(_LINK.findall(text)) if has_link(text) else 0


def is_email(text: str) -> bool:
    """Whether an e-mail address stands in `text`, plain or thinly disguised."""
    return bool(_SIGNS_OF_EMAIL.search(text) and _EMAIL.search(text))
