"""Links, and private contact data: telephone numbers, addresses, accounts."""

from __future__ import annotations

import re
from functools import cache

from digest.composer.lexicon.classes import read_words_of_all
from digest.models import Reason

_LINK = re.compile(r"https?://|\bwww\.|\[url|<a\s", re.IGNORECASE)
# Most texts have none of these signs and need no search.
_SIGNS_OF_EMAIL = re.compile(r"@|\bat[\])]|\bdot\b", re.IGNORECASE)
_SIGNS_OF_LINK = re.compile(r"://|www\.|\[url|<a", re.IGNORECASE)
_FIGURE = re.compile(r"\d\d|\d [A-Z]|\d,? \w|\w \d")
_EMAIL = re.compile(
    r"[\w.+-]{1,64}\s?(?:@|\[at\]|\(at\))\s?[\w-]{1,63}(?:\.|\s?\[dot\]\s?)[^\W\d_]{2,}"
    r"|[\w.+-]{1,64} at [\w-]{1,63} dot \w{2,4}\b",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){3,7}")


def find_contact(text: str) -> Reason | None:
    """Return the private data in a text: a mail address, a number, a door, an account."""
    if is_email(text):
        return Reason(code="contact", text="contains an e-mail address")
    has_figures = _FIGURE.search(text) is not None
    if has_figures and _phone().search(text):
        return Reason(code="contact", text="contains a telephone number")
    if has_figures and (_street().search(text) or _ACCOUNT.search(text)):
        return Reason(code="contact", text="contains an address or an account")
    return None


def has_link(text: str) -> bool:
    """Return whether anything in a text looks like a link."""
    return _SIGNS_OF_LINK.search(text) is not None


def count_links(text: str) -> int:
    """Count the links in a text."""
    return len(_LINK.findall(text)) if has_link(text) else 0


def is_email(text: str) -> bool:
    """Return whether `text` has an e-mail address, plain or thinly disguised."""
    return bool(_SIGNS_OF_EMAIL.search(text) and _EMAIL.search(text))


@cache
def _phone() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w.,])(?:\+\d[\d ().-]{7,18}\d"
        r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
        r"|0\d(?:[ .-]\d\d){4}"
        r"|[679]\d\d(?: \d\d){3}"
        r"|0\d{2,4}[ /-](?:\d{2,4}[ -]?){2,4}"
        rf"|(?:{_words('phone')})(?: \w{{2,5}})?[.:]? ?\+?\d[\d /-]{{4,18}}\d)(?!\w)",
        re.IGNORECASE,
    )


@cache
def _street() -> re.Pattern[str]:
    """Return the ways to write an address: where the word for a street is, and the number."""
    return re.compile(
        rf"\b\d{{1,4}}[a-z]? (?:[A-Z][\w'’]{{1,30}} ){{1,3}}(?:{_words('street_after')})\b"
        rf"|\b[A-ZÄÖÜ][\wß-]{{1,40}}(?:{_words('street_ending')}) \d{{1,3}}\b"
        rf"|\b\d{{1,4}},? (?:bis )?(?:{_words('street_before')}) (?:\w{{1,6}} ){{0,3}}[A-ZÉ]"
        rf"|\b(?i:{_words('street_first')}) (?:[\w.]{{1,20}} ){{0,4}}?[\w.]{{1,20}},?"
        r" (?:n[.º°]{1,2} ?)?\d{1,3}\b"
    )


def _words(key: str) -> str:
    return "|".join(map(re.escape, read_words_of_all("contact", key))) or "(?!)"
