"""Scorn without rude words: harsh words of a person, talk of a whole people, wishes of harm."""

from __future__ import annotations

import re
from functools import cache

from digest.composer.lexicon.words import Words

#: Read before and behind a harsh word, within its sentence.
_NEAR = 160

_END = re.compile(r"[.!?…\n]")
# `his` and `her` are left out: what belongs to somebody may be harsh without being his fault.
_FACED = re.compile(r"(?<!\w)(?:you|your|yours|he|she|him)(?!\w)")
_STAMMER = re.compile(r"(?<![\w-])([b-df-hj-np-tvwyz])-\1-(?:\1-)?\1\w")
_HARMED = (
    r"(?:you|he|she|they|him|her|them|his|your|their|someone|somebody|every(?: last)? one of"
    r"|each of|the lot|all of (?:you|them)|people like|those|these people"
    r"|that (?:lot|man|woman|family))"
)
_HARM = (
    r"(?:dies?|dead|perish|drowns?|rots?|burns?|chokes?|crash(?:es)?|suffers?|hangs?|hanged|shot"
    r"|stabbed|mugged|burgled|raped|beaten|run over|hit by|knocked down|struck down|cancer|a stroke"
    r"|wrapped round|bankrupt|never wakes?|breaks? (?:his|her|your|their|a)|falls? (?:off|down|in)"
    r"|loses? (?:his|her|your|their)|end up (?:in|under)|ends up (?:in|under)|six feet|bleeds?"
    r"|fall (?:off|down|in)|lie awake|goes? blind|haunts? (?:you|him|her|them)|gets? what)"
)
_CUES_OF_WISHES = ("hop", "wish", "pray", "to see", "wait", "sooner", "high time", "about time")
_WISH = re.compile(
    rf"\b(?:hope|hoping|wish|pray|praying|(?:love|like|happy|glad) to see|wait (?:until|till|for)"
    rf"|wants? to see|the sooner|high time|about time)(?: that)? {_HARMED}"
    rf"(?: (?!not\b|never\b|nobody\b|no\b|don't\b|doesn't\b|won't\b)[\w',]+){{0,7}}? {_HARM}\b"
)


def find_scorn(plain: str, words: Words) -> str:
    """What of a folded text scorns a person or a people; empty where nothing does."""
    if "-" in plain and (stammer := _STAMMER.search(plain)):
        return stammer[0]
    if any(cue in plain for cue in _CUES_OF_WISHES) and (wish := _WISH.search(plain)):
        return wish[0]
    if not words.scornful.find(plain):
        return ""
    frames = (
        _general_pattern(words.labels.alternatives, words.generals.alternatives),
        _epithet_pattern(words.epithets.alternatives, words.persons.alternatives),
    )
    found = next(filter(None, (frame.search(plain) for frame in frames)), None)
    return found[0] if found else _find_harsh(plain, words)


def _find_harsh(plain: str, words: Words) -> str:
    """A harsh word in one sentence with somebody it may be said of."""
    for start in words.harsh.locate(plain):
        before, behind = sentence_around(plain, start)
        sentence = before + behind
        if _is_of_somebody(sentence, words):
            return behind.split(" ", maxsplit=1)[0]
    return ""


def _is_of_somebody(sentence: str, words: Words) -> bool:
    found = _FACED.search(sentence) or words.offices.find(sentence) or words.labels.find(sentence)
    return bool(found)


def sentence_around(text: str, at: int) -> tuple[str, str]:
    """What stands in one sentence with a word, before it and from it on."""
    before = _END.split(text[max(0, at - _NEAR) : at])[-1]
    return before, _END.split(text[at : at + _NEAR], maxsplit=1)[0]


@cache
def _general_pattern(labels: str, generals: str) -> re.Pattern[str]:
    between = r"(?: (?:who|simply|just|really|here|there|today|always|all)){0,2}"
    return re.compile(rf"(?<!\w)(?:{labels}){between} (?:{generals})")


@cache
def _epithet_pattern(epithets: str, persons: str) -> re.Pattern[str]:
    more = r"(?:,? (?:little|old|young|fat|ugly|stupid|middle-aged|bloody))?"
    degree = r"(?: (?:just|so|too|simply|clearly|obviously|really|very|rather|plain|a bit|pretty))"
    return re.compile(
        rf"(?<!\w)(?:{epithets}){more} (?:{persons})"
        rf"|\b(?:you(?:'re| are)|s?he(?:'s| is| was)){degree}{{0,3}} (?:{epithets})"
    )
