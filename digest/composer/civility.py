"""The civility gate: what the comments policy of a decent paper forbids. Errs to silence."""

from __future__ import annotations

import re
from functools import cache

from digest.composer.fold import find_masked, fold_disguises, fold_plain
from digest.composer.words import Words
from digest.models import Reason

#: Capitals are counted in texts of more letters than this.
_MIN_LETTERS = 20
_MAX_CAPITALS = 0.3
_MAX_EXCLAMATIONS = 2
_MAX_LINKS = 1
#: So many different words of contempt are no discussion, whomever they mean.
_MAX_SLIGHTS = 1
#: A text that says "you" so often is a speech to somebody, and then one is too many.
_MIN_ADDRESSED = 3

_LINK = re.compile(r"https?://|\bwww\.|\[url|<a\s", re.IGNORECASE)
_EMAIL = re.compile(
    r"[\w.+-]{1,64}\s?(?:@|\[at\]|\(at\))\s?[\w-]{1,63}(?:\.|\s?\[dot\]\s?)\w{2,}", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\w.,])(?:\+\d[\d ().-]{7,18}\d"
    r"|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
    r"|0\d{2,4}[ /-]\d{3,4}[ -]?\d{3,4})(?![\w])"
)
_REPEATED_LETTER = re.compile(r"([^\W\d_])\1{3,}", re.IGNORECASE)
_LOUD_WORDS = re.compile(r"(?:\b[A-Z]{4,}\b[\s,]+){3,}")

_YOU = re.compile(r"\b(?:you|your|yours|yourself)\b")
_PERSONS = (
    r"(?:he|she|they|who|(?:the|this|that) (?:author|writer|blogger|editor|general|guy|man|woman"
    r"|person|fellow|poster|commenter)|author)"
)
_IS = r"(?:'s|'re| is| are| was| were| has been| have been| must be| sounds| sound)"
# A capital at the beginning of a sentence makes no name of a pronoun.
_NAMED = re.compile(
    r"\b(?!(?:It|This|That|There|These|Those|What|Which|Here|All|Nothing|Everything)\b)"
    r"[A-Z][\w'’]+(?: [A-Z][\w'’]+)?(?= (?:is|was|are|were|has been|must be) )"
)


def find_rudeness(text: str, words: Words, blocked: tuple[str, ...] = ()) -> Reason | None:
    """Why a comment may not be printed for its manners; None where it may.

    Args:
        text: of the comment, or the name of its author.
        words: the lists of its language.
        blocked: words that the newsletter forbids beside them.
    """
    checks = (_find_blocked(text, blocked), find_profanity(text, words), _find_attack(text, words))
    return next((reason for reason in checks if reason), None)


def find_profanity(text: str, words: Words) -> Reason | None:
    """A listed word, also where it is disguised."""
    for reading in (fold_plain(text), *fold_disguises(text)):
        if found := words.profanity.find(reading):
            return Reason(code="profanity", text=f"contains “{found}”")
    if masked := find_masked(text, words.profanity.entries):
        return Reason(code="profanity", text=f"contains “{masked}”")
    return None


def find_shouting(text: str, words: Words) -> Reason | None:
    """Capitals, exclamation marks or drawn-out letters.

    Where the language has no word lists, one exclamation mark less is borne.
    """
    letters = [char for char in text if char.isalpha()]
    capitals = sum(map(str.isupper, letters))
    if len(letters) > _MIN_LETTERS and capitals > _MAX_CAPITALS * len(letters):
        share = round(100 * capitals / len(letters))
        return Reason(code="shouting", text=f"{share} % of its letters are capitals")
    if text.count("!") + text.count("！") > _MAX_EXCLAMATIONS - (not words.has_civility):
        return Reason(code="shouting", text="too many exclamation marks")
    if _REPEATED_LETTER.search(_without_links(text)) or _LOUD_WORDS.search(text):
        return Reason(code="shouting", text="drawn-out letters or words in capitals")
    return None


def find_contact(text: str) -> Reason | None:
    """More than one link, a telephone number, an e-mail address."""
    links = len(_LINK.findall(text))
    if links > _MAX_LINKS:
        return Reason(code="links", text=f"{links} links")
    if is_email(text):
        return Reason(code="contact", text="contains an e-mail address")
    if _PHONE.search(text):
        return Reason(code="contact", text="contains a telephone number")
    return None


def is_email(text: str) -> bool:
    """Whether an e-mail address stands in `text`, plain or thinly disguised."""
    return _EMAIL.search(text) is not None


def _find_blocked(text: str, blocked: tuple[str, ...]) -> Reason | None:
    if not blocked:
        return None
    found = _blocked_pattern(blocked).search(fold_plain(text))
    return Reason(code="blocked-word", text=f"contains “{found[0]}”") if found else None


@cache
def _blocked_pattern(blocked: tuple[str, ...]) -> re.Pattern[str]:
    entries = "|".join(re.escape(fold_plain(entry)) for entry in blocked if entry.strip())
    return re.compile(rf"(?<!\w)(?:{entries or '(?!)'})(?!\w)")


def _find_attack(text: str, words: Words) -> Reason | None:
    plain = fold_plain(text)
    found = next(filter(None, (words.insults.find(each) for each in fold_disguises(text))), "")
    found = found or words.attacks.find(plain) or _find_aimed(text, plain, words)
    if found:
        return Reason(code="personal-attack", text=f"personal attack: “{found}”")
    slights = words.slights.find_all(plain)
    is_addressed = len(_YOU.findall(plain)) >= _MIN_ADDRESSED
    if len(slights) > _MAX_SLIGHTS - is_addressed:
        listed = ", ".join(sorted(slights)[:3])
        return Reason(code="personal-attack", text=f"words of contempt: {listed}")
    return None


def _find_aimed(text: str, plain: str, words: Words) -> str:
    """A slight or a charge said of the reader, of the author, or of somebody named."""
    if found := _aimed_pattern(words.slights.alternatives, words.charges.alternatives).search(
        plain
    ):
        return found[0]
    contempt = _contempt_pattern(words.slights.alternatives, words.charges.alternatives)
    for name in _NAMED.finditer(text):
        following = fold_plain(text[name.end() : name.end() + 80])
        if found := contempt.match(following):
            return fold_plain(f"{name[0]} {found[0]}")
    return ""


@cache
def _aimed_pattern(slights: str, charges: str) -> re.Pattern[str]:
    contempt = rf"(?:{slights}|{charges})"
    return re.compile(
        rf"\b(?:you|u|ya)(?:'re| are|'ve been)(?: [\w'-]+){{0,4}} {contempt}"
        rf"|\byou(?: [\w'-]+){{0,1}} (?:{slights})"
        rf"|\b{_PERSONS}{_IS}(?: [\w'-]+){{0,3}} {contempt}"
        rf"|\b(?:what an?|such an?|you're an?|like a|you|your|total|complete|utter|another"
        rf"|an absolute|nothing but an?) (?:{slights})"
    )


@cache
def _contempt_pattern(slights: str, charges: str) -> re.Pattern[str]:
    return re.compile(
        rf" ?(?:is|was|are|were|has been|must be)(?: [\w'-]+){{0,4}} (?:{slights}|{charges})"
    )


def _without_links(text: str) -> str:
    return " ".join(word for word in text.split() if "://" not in word and "www." not in word)
