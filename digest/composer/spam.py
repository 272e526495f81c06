"""The spam gate: praise that fits any post, sellers, words that are off the matter."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.composer.civility import find_rudeness
from digest.composer.contact import count_links, is_email
from digest.composer.fold import fold_plain
from digest.composer.matter import Matter, stems_of
from digest.composer.words import Phrases, Words
from digest.models import Reason

#: A comment that praises must share this many content words with the post or the thread.
_MIN_SHARED_WITH_PRAISE = 3
#: So many different words of commerce that the post does not use are an offer.
_MAX_COMMERCE = 1
#: Nobody is called by more words.
_MAX_NAME_WORDS = 6
#: A name in small letters alone is a person's up to so many words; a longer one is a search.
_MAX_SMALL_WORDS = 2
#: A shorter name stands in many addresses by chance.
_MIN_NAME = 5

_DOMAIN = re.compile(
    r"https?:|www\.|[\w-]+\.(?:com|net|org|info|biz|online|shop|xyz|ru|io|co)\b", re.IGNORECASE
)
_BARE_ADDRESS = re.compile(
    r"(?<![\w@./-])(?:[a-z0-9][a-z0-9-]{1,62}\.)+(?:com|net|org|info|biz|online|shop|store|site|xyz"
    r"|top|club|app|ly|gl|gd|to|ru|io|co|me|tv|de|at|ch|fr|es|uk|eu|us|example)(?![\w.-]*@)\b(?:/\S*)?"
    r"|\b[a-z0-9-]{3,40} ?[\[(]?\bdot\b[\])]? ?(?:com|net|org|info|biz|online|shop)\b",
    re.IGNORECASE,
)
_PRICE = re.compile(r"[€$£] ?\d|\d ?(?:€|\$|£|%|euros?\b)", re.IGNORECASE)
_DOTTED = re.compile(r"\w\.\w|\bdot\b", re.IGNORECASE)
# Where they lead nobody can see, and they pay those who set them.
_HIDDEN_ADDRESS = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|goo\.gl|ow\.ly|is\.gd|t\.ly|cutt\.ly|rebrand\.ly|amzn\.to|shorturl"
    r"|t\.me|wa\.me|clickbank|[?&](?:ref|aff|affid|affiliate|tag|partner)=)",
    re.IGNORECASE,
)


def find_bad_name(name: str, words: Words, blocked: tuple[str, ...] = ()) -> Reason | None:
    """Why a name may not be printed: rude, shaped like an address, or selling something."""
    if find_rudeness(name, words, blocked):
        return Reason(code="rude-name", text="the name is rude")
    if is_email(name):
        return Reason(code="name-is-address", text="the name is an e-mail address")
    if _DOMAIN.search(name) or _is_keyword(name, words):
        return Reason(code="commercial-name", text="the name sells something")
    return None


def _is_keyword(name: str, words: Words) -> bool:
    """Whether a name is what people search for, and nobody's own."""
    plain, count = fold_plain(name), len(name.split())
    is_search = count > _MAX_SMALL_WORDS and name.islower()
    return (
        bool(words.commerce.find(plain) or words.trades.find(plain))
        or count > _MAX_NAME_WORDS
        or is_search
    )


def find_spam(text: str, matter: Matter, words: Words) -> Reason | None:
    """Praise that fits any post, or words off the matter."""
    shared = matter.shared_with(stems_of(text, words.stopwords))
    praise = words.praise.find(fold_plain(text))
    if praise and shared < _MIN_SHARED_WITH_PRAISE:
        return Reason(code="spam", text=f"praise that fits any post: “{praise}”")
    if matter.is_known and not shared:
        return Reason(code="off-matter", text="shares no word with the post or the thread")
    return None


def find_offer(name: str, text: str, matter: Matter, words: Words) -> Reason | None:
    """Something is sold: by its words, or by where its links lead."""
    offers = words.commerce.find_all(fold_plain(text)) - _sold_by(matter.text, words.commerce)
    address = _BARE_ADDRESS.search(text) if _DOTTED.search(text) else None
    if len(offers) > _MAX_COMMERCE or (offers and (address or count_links(text))):
        return Reason(code="spam", text=f"sells something: {', '.join(sorted(offers)[:3])}")
    if address and _HIDDEN_ADDRESS.search(text):
        return Reason(code="spam", text="a link that hides where it leads")
    if address and (_PRICE.search(text) or _is_own(address[0], name)):
        return Reason(code="spam", text=f"advertises {address[0][:60]}")
    if address and not text[address.end() :].strip(" .!)/"):
        return Reason(code="spam", text=f"ends in an address: {address[0][:60]}")
    if address and not words.has_civility:
        return Reason(code="links", text="a link, in a language without word lists")
    return None


def _is_own(address: str, name: str) -> bool:
    """Whether a name is that of the site it points to."""
    bare = "".join(filter(str.isalnum, fold_plain(name)))
    host = "".join(filter(str.isalnum, fold_plain(address)))
    return len(bare) >= _MIN_NAME and bare in host


@lru_cache(maxsize=8)
def _sold_by(post_text: str, commerce: Phrases) -> frozenset[str]:
    """What a post itself speaks of is no offer."""
    return commerce.find_all(fold_plain(post_text))
