"""How much a quote says: thanks, wishes and questions to the author are words, but say little."""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.matter import Matter, stems_of
from digest.composer.lexicon.words import Words
from digest.text.sentences import split_sentences

#: A longer sentence says something, whatever polite words stand in it.
_MAX_PLEASANTRY = 110
#: Likewise of one that begins with them.
_MAX_COMPLIMENT = 180
#: So many words of the matter make a compliment a remark on it.
_MIN_SHARED = 2

# What a sentence counts, of its length.
_PLEASANTRY = 0.0
_REQUEST = 0.1
_ADDRESS = 0.4
_QUESTION = 0.6
_MAX_GROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Substance:
    """What is said in a quote."""

    #: Characters that say something.
    length: float
    #: Content words that the post has too; one that only the thread has counts half.
    shared: float
    #: Experiences, reasons, sources, figures.
    grounds: int
    #: Whether it begins as an answer that leans on what it answers.
    is_leaning: bool


def weigh_words(printed: str, matter: Matter, words: Words, language: str) -> Substance:
    """Tell how much of `printed` says something on the matter, and on what grounds."""
    sentences = split_sentences(printed, language)
    plain = fold_plain(printed)
    grounds = len(words.grounds.find_all(plain)) + any(map(str.isdigit, plain))
    return Substance(
        length=sum(len(each) * _share_of(each, matter, words) for each in sentences),
        shared=matter.nearness_of(stems_of(printed, words.stopwords)),
        grounds=min(_MAX_GROUNDS, grounds),
        is_leaning=words.leanings.begins(plain),
    )


def _share_of(sentence: str, matter: Matter, words: Words) -> float:
    plain = fold_plain(sentence)
    is_question = sentence.rstrip("”\"'»)").endswith(("?", "؟", "？"))
    if words.addresses.find(plain):
        return _REQUEST if is_question else _ADDRESS
    if _is_pleasantry(plain, words):
        shared = matter.nearness_of(stems_of(sentence, words.stopwords))
        return _PLEASANTRY if shared < _MIN_SHARED else _ADDRESS
    return _QUESTION if is_question else 1.0


def _is_pleasantry(plain: str, words: Words) -> bool:
    if words.pleasantries.begins(plain):
        return len(plain) <= _MAX_COMPLIMENT
    return len(plain) <= _MAX_PLEASANTRY and bool(words.pleasantries.find(plain))
