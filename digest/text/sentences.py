"""Where sentences end: sentencex with the mends that real feeds asked for."""

from __future__ import annotations

import re

import sentencex

#: sentencex takes quadratic time over unpaired quotation marks; what follows is not split.
MAX_CHARS = 20_000

# A stop, then any closing marks, brackets and footnote numbers.
_END = re.compile(r"[.?!…。！？؟।][\"'”’“‘»›)\]）」』】]*(?:\[\d{1,3}\])*$")
_ENDS_IN_ABBREVIATION = re.compile(
    r"(?:(?<=\s)|(?<=[(\"'“‘])|^)(?P<word>[^\W\d_]+(?:\.[^\W\d_]+)*)\.$"
)

#: Words whose stop ends nothing, beyond what sentencex knows. Lower case, no last stop.
_ABBREVIATIONS = frozenset(
    """adm approx assn brig ca capt cf cmdr co col corp cpl cpt dept dr ed eds e.g eg esp est etc
    ex fig figs fr gen gov hon i.e ie inc jr lt ltd maj messrs mr mrs ms mt no nos op p.m pp prof
    pvt rep reps rev rt sec sen sens sgt sr st supt v viz vol vols vs u.k u.n u.s u.s.a a.m
    bzw ca d.h dgl evtl ggf nr sog u.a usw vgl z.b mme mlle mgr""".split()  # noqa: SIM905
)


def split_sentences(paragraph: str, language: str) -> tuple[str, ...]:
    """Cut one paragraph into sentences, each without outer white space.

    When in doubt two sentences stay one. A last piece without a stop is given as it is.

    Args:
        paragraph: one paragraph, line breaks already spaces; beyond `MAX_CHARS` it is not split.
        language: BCP 47 tag; an unknown one splits as English.
    """
    head, tail = paragraph[:MAX_CHARS], paragraph[MAX_CHARS:]
    pieces = [piece.strip() for piece in sentencex.segment(_known(language), head)]
    sentences: list[str] = []
    for piece in filter(None, pieces):
        if sentences and _belong_together(sentences[-1], piece):
            sentences[-1] = f"{sentences[-1]} {piece}"
        else:
            sentences.append(piece)
    if tail and sentences:
        sentences[-1] += tail
    return tuple(sentences)


def ends_sentence(text: str) -> bool:
    """Whether `text` ends as a sentence does: a stop, then nothing but closing marks."""
    return _END.search(text[-40:]) is not None


def ends_in_abbreviation(text: str) -> bool:
    """Whether the stop at the end belongs to a word such as `Mr.`, `U.S.`, `No.` or an initial."""
    found = _ENDS_IN_ABBREVIATION.search(text[-40:])
    if found is None:
        return False
    word = found["word"]
    return word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper() and word != "I")


def _belong_together(before: str, after: str) -> bool:
    return (
        after[0].islower()
        or not any(char.isalnum() for char in after)
        or not ends_sentence(before)
        or ends_in_abbreviation(before)
    )


def _known(language: str) -> str:
    """Name a language as sentencex does; its other codes do not split at all."""
    base = language.split("-")[0].lower()
    return base if base in _LANGUAGES else "en"


#: What sentencex was tried with here.
_LANGUAGES = frozenset(
    """ar bg bn ca cs da de el en es et fa fi fr he hi hr hu hy it ja kk ko mr nb nl no pl pt ro
    ru sk sl sr sv ta th tr uk vi zh""".split()  # noqa: SIM905
)
