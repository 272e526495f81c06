"""Measures how much a quote says: thanks, wishes and questions to the author say little."""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.matter import Matter, stems_of
from digest.composer.lexicon.words import Words
from digest.text.sentences import split_sentences

#: A longer sentence says something, whatever polite words are in it.
_MAX_PLEASANTRY = 110
#: Likewise for one that begins with them.
_MAX_COMPLIMENT = 180
#: This number of words on the topic make a compliment a remark on it.
_MIN_SHARED = 2

# The share of its length that a sentence counts.
_PLEASANTRY = 0.0
_REQUEST = 0.1
_ADDRESS = 0.4
_QUESTION = 0.6
_MAX_GROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Substance:
    """The substance of a quote."""

    #: Characters that say something.
    length: float
    #: Content words that the post has too; one that only the thread has counts half.
    shared: float
    #: Experiences, reasons, sources, figures.
    grounds: int
    #: Share of its sentences that are questions.
    questions: float
    #: Whether it speaks to one person: the author, or another reader.
    is_addressed: bool
    #: Whether it begins like a reply that needs what it answers.
    is_leaning: bool
    #: Of its content words.
    stems: frozenset[str]


def weigh_words(printed: str, matter: Matter, words: Words, language: str) -> Substance:
    """Return how much of `printed` says something on the topic, and on what grounds."""
    sentences = split_sentences(printed, language)
    plain = fold_plain(printed)
    stems = stems_of(printed, words.stopwords)
    grounds = len(words.grounds.find_all(plain)) + any(map(str.isdigit, plain))
    return Substance(
        length=sum(len(each) * _share_of(each, matter, words) for each in sentences),
        shared=matter.nearness_of(stems),
        grounds=min(_MAX_GROUNDS, grounds),
        questions=sum(map(_is_question, sentences)) / max(1, len(sentences)),
        is_addressed=bool(words.addresses.find(plain)),
        is_leaning=words.leanings.begins(plain),
        stems=stems,
    )


def _share_of(sentence: str, matter: Matter, words: Words) -> float:
    plain = fold_plain(sentence)
    is_question = _is_question(sentence)
    if words.addresses.find(plain):
        return _REQUEST if is_question else _ADDRESS
    if _is_pleasantry(plain, words):
        shared = matter.nearness_of(stems_of(sentence, words.stopwords))
        return _PLEASANTRY if shared < _MIN_SHARED else _ADDRESS
    return _QUESTION if is_question else 1.0


def _is_question(sentence: str) -> bool:
    return sentence.rstrip("”\"'»)").endswith(("?", "؟", "？"))


def _is_pleasantry(plain: str, words: Words) -> bool:
    if words.pleasantries.begins(plain):
        return len(plain) <= _MAX_COMPLIMENT
    return len(plain) <= _MAX_PLEASANTRY and bool(words.pleasantries.find(plain))
