"""The spam gate: praise that fits any post, sellers, words that are off the matter."""

from __future__ import annotations

import re

from digest.composer.civility import find_rudeness, is_email
from digest.composer.fold import fold_plain
from digest.composer.matter import Matter, stems_of
from digest.composer.words import Words
from digest.models import Reason

#: A comment that praises must share this many content words with the post or the thread.
_MIN_SHARED_WITH_PRAISE = 3
#: So many different words of commerce that the post does not use are an offer.
_MAX_COMMERCE = 1
#: Nobody is called by more words.
_MAX_NAME_WORDS = 6

_DOMAIN = re.compile(
    r"https?:|www\.|[\w-]+\.(?:com|net|org|info|biz|online|shop|xyz|ru|io|co)\b", re.IGNORECASE
)


def find_bad_name(name: str, words: Words, blocked: tuple[str, ...] = ()) -> Reason | None:
    """Why a name may not be printed: rude, shaped like an address, or selling something."""
    if find_rudeness(name, words, blocked):
        return Reason(code="rude-name", text="the name is rude")
    if is_email(name):
        return Reason(code="name-is-address", text="the name is an e-mail address")
    is_offer = bool(words.commerce.find(fold_plain(name)))
    if is_offer or _DOMAIN.search(name) or len(name.split()) > _MAX_NAME_WORDS:
        return Reason(code="commercial-name", text="the name sells something")
    return None


def find_spam(text: str, matter: Matter, words: Words) -> Reason | None:
    """Why a comment is spam or off the matter."""
    plain = fold_plain(text)
    offers = words.commerce.find_all(plain) - words.commerce.find_all(" ".join(matter.post))
    if len(offers) > _MAX_COMMERCE:
        return Reason(code="spam", text=f"sells something: {', '.join(sorted(offers)[:3])}")
    shared = matter.shared_with(stems_of(text, words.stopwords))
    praise = words.praise.find(plain)
    if praise and shared < _MIN_SHARED_WITH_PRAISE:
        return Reason(code="spam", text=f"praise that fits any post: “{praise}”")
    if matter.is_known and not shared:
        return Reason(code="off-matter", text="shares no word with the post or the thread")
    return None
