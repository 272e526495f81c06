"""The civility gate: what the comments policy of a decent paper forbids. Errs to silence."""

from __future__ import annotations

import re
from functools import cache

from digest.composer.gate.scorn import find_scorn
from digest.composer.lexicon.contact import has_link
from digest.composer.lexicon.fold import find_masked, fold_disguises, fold_plain, has_triple
from digest.composer.lexicon.words import Words
from digest.models import Reason

#: Capitals are counted in texts of more letters than this.
_MIN_LETTERS = 20
_MAX_CAPITALS = 0.3
_MAX_EXCLAMATIONS = 2
#: So many different words of contempt are no discussion, whomever they mean.
_MAX_SLIGHTS = 1

_REPEATED_LETTER = re.compile(r"([^\W\d_])\1{3,}")
_LOUD_MARKS = re.compile(r"[!?]{3,}")
#: Longer ones in capitals are hardly names of things; so many of them are a raised voice.
_LOUD_WORD = re.compile(r"\b[A-ZÄÖÜ]{5,}\b")
_MAX_LOUD_WORDS = 3
_LOUD_WORDS = re.compile(r"(?:\b[A-Z]{4,}\b[\s,]+){3,}")

#: Signs for a word that nobody wants to write out: `@#$%!`.
_SIGNS = re.compile(r"[@#$%&*!]{4,}+")
_MIN_SIGNS = 2
_YOU = re.compile(
    r"\b(?:you|your|yours|yourself|du|dir|dich|deine?|euch|eure|vous|votre|vos|ustede?s?)\b"
)
_PERSONS = (
    r"(?:he|she|they|who|these people|those people|(?:the|this|that|our|your) (?:author|writer"
    r"|blogger|editor|general|guy|man|woman|person|fellow|poster|commenter|head|mayor|council"
    r"|councill?or|minister|president|principal|teacher|boss|owner|manager|judge|inspector"
    r"|reporter|journalist|columnist|reviewer|critic|doctor|landlord|police|government)|author)"
)
_IS = r"(?:'s|'re| is| are| was| were| has been| have been| must be| sounds| sound)"
# A capital at the beginning of a sentence makes no name of a pronoun, and in German no name of
# a noun: there it takes two, or a title.
_WAS = "is|was|are|were|has been|must be|est|était|es|era|ist|war|sind"
_NAMED = re.compile(
    r"\b(?!(?:It|This|That|There|These|Those|What|Which|Here|All|Nothing|Everything|Ce|Cela|Esto"
    r"|Eso|Es)\b)"
    r"(?:[A-ZÄÖÜÉ][\w'’]+(?: [A-ZÄÖÜÉ][\w'’]+)?"
    r"(?= (?:is|was|are|were|has been|must be|est|était|es|era) )"
    r"|(?!(?:Das|Der|Die|Dies|Ein|Eine|Und|Aber|Was|Hier)\b)"
    r"[A-ZÄÖÜ][\w.]+ [A-ZÄÖÜ]\w+(?= (?:ist|war|sind) ))"
)


def find_rudeness(text: str, words: Words, blocked: tuple[str, ...] = ()) -> Reason | None:
    """Why a comment may not be printed for its manners; None where it may.

    Args:
        text: of the comment, or the name of its author.
        words: the lists of its language.
        blocked: words that the newsletter forbids beside them.
    """
    if reason := _find_blocked(text, blocked):
        return reason
    if any(map(words.suspect.find, _readings(text))):
        reason = find_profanity(text, words) or _find_attack(text, words)
    return reason or _find_masked(text, words) or _find_scorn(text, words)


def find_profanity(text: str, words: Words) -> Reason | None:
    """A listed word, also where it is spelled in disguise."""
    for reading in _readings(text):
        if found := words.profanity.find(reading):
            return Reason(code="profanity", text=f"contains “{found}”")
    return None


def _find_masked(text: str, words: Words) -> Reason | None:
    for signs in _SIGNS.findall(text):
        if len(set(signs) - set("*!")) >= _MIN_SIGNS:
            return Reason(code="profanity", text=f"contains “{signs[:10]}”")
    if masked := find_masked(text, words.profanity.entries):
        return Reason(code="profanity", text=f"contains “{masked}”")
    return None


def _readings(text: str) -> tuple[str, ...]:
    """The text as it stands, and with its disguises off; each once."""
    return tuple(dict.fromkeys((fold_plain(text), *fold_disguises(text))))


def find_shouting(text: str, words: Words) -> Reason | None:
    """Capitals, exclamation marks or drawn-out letters.

    Where the language has no word lists, one exclamation mark less is borne.
    """
    letters, capitals = sum(map(str.isalpha, text)), sum(map(str.isupper, text))
    if letters > _MIN_LETTERS and capitals > _MAX_CAPITALS * letters:
        share = round(100 * capitals / letters)
        return Reason(code="shouting", text=f"{share} % of its letters are capitals")
    if text.count("!") + text.count("！") > _MAX_EXCLAMATIONS - (not words.has_civility):
        return Reason(code="shouting", text="too many exclamation marks")
    if len(set(_LOUD_WORD.findall(text))) > _MAX_LOUD_WORDS or _LOUD_MARKS.search(text):
        return Reason(code="shouting", text="words in capitals or marks in a row")
    if _has_drawn_out(_without_links(text).lower()) or _LOUD_WORDS.search(text):
        return Reason(code="shouting", text="drawn-out letters or words in capitals")
    return None


def _has_drawn_out(text: str) -> bool:
    is_possible = not text.isascii() or has_triple(text)
    return is_possible and _REPEATED_LETTER.search(text) is not None


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
    found = next(filter(None, map(words.insults.find, _readings(text))), "")
    found = found or words.attacks.find(plain) or _find_aimed(text, plain, words)
    if found:
        return Reason(code="personal-attack", text=f"personal attack: “{found}”")
    slights = words.slights.find_all(plain)
    # To somebody's face one is too many.
    is_addressed = _YOU.search(plain) is not None
    if len(slights) > _MAX_SLIGHTS - is_addressed:
        listed = ", ".join(sorted(slights)[:3])
        return Reason(code="personal-attack", text=f"words of contempt: {listed}")
    return None


def _find_scorn(text: str, words: Words) -> Reason | None:
    if found := find_scorn(fold_plain(text), words):
        return Reason(code="personal-attack", text=f"scorn for a person or a people: “{found}”")
    return None


def _find_aimed(text: str, plain: str, words: Words) -> str:
    """A slight or a charge said of the reader, of the author, or of somebody named."""
    slights, charges = words.slights.alternatives, words.charges.alternatives
    if found := _aimed_pattern(slights, charges, words.aims.alternatives).search(plain):
        return found[0]
    contempt = _contempt_pattern(slights, charges)
    for name in _NAMED.finditer(text):
        following = fold_plain(text[name.end() : name.end() + 80])
        if found := contempt.match(following):
            return fold_plain(f"{name[0]} {found[0]}")
    return ""


@cache
def _aimed_pattern(slights: str, charges: str, aims: str) -> re.Pattern[str]:
    contempt = rf"(?:{slights}|{charges})"
    return re.compile(
        rf"\b(?:you|u|ya)(?:'re| are|'ve been)(?: [\w'-]+){{0,4}} {contempt}"
        rf"|\byou(?: [\w'-]+){{0,1}} (?:{slights})"
        rf"|(?<!\w)(?:{aims})(?: [\w'-]+){{0,3}} {contempt}"
        rf"|\b{_PERSONS}{_IS}(?: [\w'-]+){{0,3}} {contempt}"
        rf"|\b(?:what an?|such an?|you're an?|like a|you|your|total|complete|utter|another"
        rf"|an absolute|nothing but an?) (?:{slights})"
    )


@cache
def _contempt_pattern(slights: str, charges: str) -> re.Pattern[str]:
    return re.compile(rf" ?(?:{_WAS})(?: [\w'-]+){{0,4}} (?:{slights}|{charges})")


def _without_links(text: str) -> str:
    if not has_link(text):
        return text
    return " ".join(word for word in text.split() if "://" not in word and "www." not in word)
