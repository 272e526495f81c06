"""Civility: profanity, slurs, insults and threats. What would be printed is judged strictly."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from digest.composer.lexicon.fold import find_masked, fold_disguises, fold_plain
from digest.composer.lexicon.words import Words
from digest.composer.rules import Policy
from digest.models import Civility, Reason

#: Different words of contempt in one quote; one less if a person is addressed.
_MAX_SLIGHTS = {Civility.STRICT: 0, Civility.NORMAL: 1, Civility.LENIENT: 2}

#: Signs instead of a word: `@#$%!`.
_SIGNS = re.compile(r"[@#$%&*!]{4,}+")
_MIN_SIGNS = 2


def judge_civility(printed: str, whole: str, policy: Policy, words: Words) -> Reason | None:
    """Return why a comment is not civil enough to be quoted; else None.

    The words to print are judged strictly, the rest of the comment for the newsletter's blocked
    words, profanity, slurs, threats and insults, not for single words of contempt.

    Args:
        printed: the words that would be printed.
        whole: all of the comment.
        policy: the newsletter's own additions, and how strict it is.
        words: the lists of the comment's language.
    """
    level = policy.civility
    reason = _find_blocked(whole, policy.blocked_words) or find_hatred(whole, words)
    if level is Civility.LENIENT:
        return reason or find_profanity(printed, words) or _find_contempt(printed, words, level)
    return (
        reason
        or find_profanity(whole, words)
        or find_insult(whole, words)
        or _find_contempt(whole if level is Civility.STRICT else printed, words, level)
    )


def judge_name_civility(name: str, policy: Policy, words: Words) -> Reason | None:
    """Return why a name is too rude to print; else None."""
    readings = _readings(name)
    is_rude = any(map(words.rude.find, readings)) or any(map(words.slights.find, readings))
    if is_rude or find_masked(name, words.profanity.entries) or words.threats.find(readings[0]):
        return Reason(code="rude-name", text="the name is rude")
    if _find_blocked(name, policy.blocked_words):
        return Reason(code="rude-name", text="the name has a blocked word")
    return None


def find_profanity(text: str, words: Words) -> Reason | None:
    """Return the profanity in a text, also where it is spelled in disguise; else None."""
    for reading in _readings(text):
        if found := words.profanity.find(reading):
            return Reason(code="profanity", text=f"contains “{found}”")
    for signs in _SIGNS.findall(text):
        if len(set(signs) - set("*!")) >= _MIN_SIGNS:
            return Reason(code="profanity", text=f"contains “{signs[:10]}”")
    if masked := find_masked(text, words.profanity.entries):
        return Reason(code="profanity", text=f"contains “{masked}”")
    return None


def find_insult(text: str, words: Words) -> Reason | None:
    """Return the insult in a text; else None."""
    insult = next(filter(None, map(words.insults.find, _readings(text))), "")
    return Reason(code="personal-attack", text=f"an insult: “{insult}”") if insult else None


def find_hatred(text: str, words: Words) -> Reason | None:
    """Return the slur or the threat in a text; else None."""
    readings = _readings(text)
    for reading in readings:
        if found := words.slurs.find(reading):
            return Reason(code="slur", text=f"a slur: “{found}”")
    if found := words.threats.find(readings[0]):
        return Reason(code="threat", text=f"a threat or a wish of harm: “{found}”")
    return None


def _find_contempt(text: str, words: Words, level: Civility) -> Reason | None:
    """Return the words of contempt in a text, or its mild profanity; else None.

    At the lenient level an insult is contempt if a person is addressed.
    """
    plain = fold_plain(text)
    is_addressed = bool(words.addressed.find(plain))
    if level is Civility.LENIENT and is_addressed and (reason := find_insult(text, words)):
        return reason
    slights = words.slights.find_all(plain)
    if len(slights) > max(0, _MAX_SLIGHTS[level] - is_addressed):
        listed = ", ".join(sorted(slights)[:3])
        code = "mild-word" if len(slights) == 1 else "personal-attack"
        return Reason(code=code, text=f"words of contempt: {listed}")
    mild = "" if level is Civility.LENIENT else words.mild.find(plain)
    return Reason(code="mild-word", text=f"contains “{mild}”") if mild else None


@lru_cache(maxsize=16)  # one text is asked about by several checks in turn
def _readings(text: str) -> tuple[str, ...]:
    """Return the folded text, and its readings without disguises; each once."""
    return tuple(dict.fromkeys((fold_plain(text), *fold_disguises(text))))


def _find_blocked(text: str, blocked: tuple[str, ...]) -> Reason | None:
    if not blocked:
        return None
    found = _blocked_pattern(blocked).search(fold_plain(text))
    return Reason(code="blocked-word", text=f"contains “{found[0]}”") if found else None


@cache
def _blocked_pattern(blocked: tuple[str, ...]) -> re.Pattern[str]:
    entries = "|".join(re.escape(fold_plain(entry)) for entry in blocked if entry.strip())
    return re.compile(rf"(?<!\w)(?:{entries or '(?!)'})(?!\w)")
