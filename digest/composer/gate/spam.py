"""The spam gate: praise that fits any post, sellers, words that are off the matter."""

from __future__ import annotations

import re
from functools import lru_cache

from digest.composer.gate.civility import find_rudeness
from digest.composer.lexicon.contact import is_email
from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.matter import Matter, stems_of
from digest.composer.lexicon.words import Words
from digest.models import Reason

#: A comment that praises must share this many content words with the post or the thread.
_MIN_SHARED_WITH_PRAISE = 3
_MAX_PRAISE = 300
#: Nobody is called by more words.
_MAX_NAME_WORDS = 6
_MAX_NAME = 45
#: A name in small letters alone is a person's up to so many words; a longer one is a search.
_MAX_SMALL_WORDS = 2
#: A search is two words at least.
_MIN_KEYWORDS = 2

_WORD = re.compile(r"[^\W\d_]+")
_SMALL_WORD = re.compile(r"\b[a-zß-ÿ]+\b")
_DOMAIN = re.compile(
    r"https?:|www\.|[\w-]\.(?:com|net|org|info|biz|online|shop|store|site|blog|app|xyz|ru|io|co"
    r"|me|tv|de|at|ch|fr|es|it|nl|eu|uk|us|ca|au)\b",
    re.IGNORECASE,
)

# German writes a trade as one word.
_COMPOUND = re.compile(
    r"\w{3,}(?:shop|studio|versand|praxis|kanzlei|agentur|verleih|vermietung|reinigung|portal"
    r"|ratgeber|vergleich|rechner|börse|reisen|möbel|zubehör|kosmetik|versicherung|versicherungen"
    r"|kredite?|gutscheine?|angebote?|tarife?|marketing|hosting|webdesign)(?!\w)"
)
#: Marks that stand in the title of a page, or between a person and a firm.
_OF_A_TITLE = re.compile(r"[|»«]| [-–—] |: | (?:from|at|@) ")


def find_bad_name(name: str, words: Words, blocked: tuple[str, ...] = ()) -> Reason | None:
    """Why a name may not be printed: rude, shaped like an address, or selling something."""
    if find_rudeness(name, words, blocked):
        return Reason(code="rude-name", text="the name is rude")
    if name.strip() and not any(map(str.isalnum, name)):
        return Reason(code="no-name", text="the name has no letters")
    if is_email(name):
        return Reason(code="name-is-address", text="the name is an e-mail address")
    if _DOMAIN.search(name) or _is_keyword(name, words):
        return Reason(code="commercial-name", text="the name sells something")
    return None


def _is_keyword(name: str, words: Words) -> bool:
    """Whether a name is what people search for, and nobody's own."""
    plain, count = fold_plain(name), len(name.split())
    is_search = count > _MAX_SMALL_WORDS and name.islower()
    is_title = count > _MAX_NAME_WORDS or len(name) > _MAX_NAME or bool(_OF_A_TITLE.search(name))
    is_trade = bool(words.commerce.find(plain) or words.trades.find(plain))
    return is_search or is_title or is_trade or bool(_COMPOUND.search(plain))


def find_keywords(name: str, text: str, matter: Matter, words: Words) -> Reason | None:
    """Why a name is no name: all its words are common ones of the post or of the comment itself.

    Seen where names alone are written with capitals; `A parent` and one word are a person's.
    """
    parts = _WORD.findall(name.lower())
    if len(parts) < _MIN_KEYWORDS or parts[0] in words.stopwords:
        return None
    if not (_small_words(matter.text) | _small_words(text)).issuperset(parts):
        return None
    return Reason(code="commercial-name", text="the name is a search for the matter")


@lru_cache(maxsize=8)
def _small_words(text: str) -> frozenset[str]:
    return frozenset(_SMALL_WORD.findall(text))


def find_spam(text: str, matter: Matter, words: Words) -> Reason | None:
    """Praise that fits any post, or words off the matter."""
    shared = matter.shared_with(stems_of(text, words.stopwords))
    praise = words.praise.find(fold_plain(text))
    # A long comment under a post of which little is known is no stock phrase.
    is_short = matter.is_known or len(text) <= _MAX_PRAISE
    if praise and is_short and shared < _MIN_SHARED_WITH_PRAISE:
        return Reason(code="spam", text=f"praise that fits any post: “{praise}”")
    if matter.is_known and not shared:
        return Reason(code="off-matter", text="shares no word with the post or the thread")
    return None
