"""Where sentences end: sentencex with the mends that real feeds asked for."""

from __future__ import annotations

import re

import sentencex

from digest.text.measure import language_of
from digest.text.wordlists import COMMON, list_languages, read_list

#: sentencex takes quadratic time over unpaired quotation marks; what follows is not split.
MAX_CHARS = 20_000

#: Marks that end a sentence, in every script.
STOPS = ".?!…。！？｡．؟۔।॥։។။።"
#: Marks that may follow a stop and belong to its sentence.
CLOSERS = "\"'”’“‘»«›‹)]）］」』】》〉〕"

# A stop, then any closing marks, brackets and footnote numbers; French sets a space before `»`.
_END = re.compile(rf"[{STOPS}](?:\s?[»›]|[{re.escape(CLOSERS)}])*(?:\[\d{{1,3}}\])*$")
_LAST_WORD = re.compile(r"(?:(?<=[\s(\"'“‘«„’])|^)(?P<word>[^\W\d_]+(?:[.-][^\W\d_]+)*)\.$")
_ORDINAL = re.compile(r"(?:(?<=\s)|^)(?:\d{1,2}|[IVX]{1,5})\.$")
_HIRAGANA = re.compile(r"[\u3040-\u309f]")
# Numbers, names of programs, initials, names that begin with a stop: `4.5.`, `x.y.`, `l’I.`, ` .`
_DOTTED = re.compile(r"(?:\d|\w\.\w{1,30}|(?<!\w)\w|(?<!\S))\.$")
_CLOSES_OR_PAUSES = re.compile(r"[\"'”’»)\]]?[,;:]")
_ENDS_IN_CLOSER = re.compile(r"[」』）]$")

#: Of a sentence, so much tells how it ends.
_TAIL = 40


def _read_all(name: str) -> dict[str, frozenset[str]]:
    return {folder.name: frozenset(read_list(folder, name)) for folder in list_languages(COMMON)}


#: May end a sentence or not.
_ABBREVIATIONS = _read_all("abbreviations")
#: Never end one, whatever the language around them: names keep their titles.
_TITLES = frozenset().union(*_read_all("titles").values())
_NUMBERED = _read_all("numbered")
#: Names such as `Yahoo!`.
_NAMES = read_list(COMMON, "names")
#: In these a number and a stop make an ordinal: `3. Oktober`, `Ludwig XIV.`
_ORDINAL_LANGUAGES = frozenset(
    "cs da de et eu fi hr hu is lv nb nn no pl sk sl sr tr".split()  # noqa: SIM905
)


def split_sentences(paragraph: str, language: str) -> tuple[str, ...]:
    """Cut one paragraph into sentences, each without outer white space.

    When in doubt two sentences stay one. A last piece without a stop is given as it is.

    Args:
        paragraph: one paragraph, line breaks already spaces; beyond `MAX_CHARS` it is not split.
        language: BCP 47 tag; the text's script decides where it contradicts it, and an unknown
            one splits as English.
    """
    head, tail = paragraph[:MAX_CHARS], paragraph[MAX_CHARS:]
    language = language_of(head, language)
    sentences: list[str] = []
    # The pieces are the paragraph, white space included.
    for piece in sentencex.segment(_known(language), head):
        if sentences and _belong_together(sentences[-1], piece, language):
            sentences[-1] += piece
        else:
            sentences.append(piece)
    if tail and sentences:
        sentences[-1] += tail
    return tuple(stripped for each in sentences if (stripped := each.strip()))


def ends_sentence(text: str) -> bool:
    """Whether `text` ends as a sentence does: a stop, then nothing but closing marks."""
    return _END.search(text[-_TAIL:]) is not None


def ends_in_abbreviation(text: str, language: str = "en") -> bool:
    """Whether the stop at the end belongs to a word such as `Mr.`, `U.S.`, `z. B.` or an initial.

    Args:
        text: up to the stop.
        language: BCP 47 tag; the English ones count in every language, for names and ranks.
    """
    word = _last_word(text)
    is_known = word.lower() in _words_of(_ABBREVIATIONS, language)
    return is_known or ends_in_title(text) or _is_initials(word)


def ends_in_title(text: str) -> bool:
    """Whether it ends in a word that never ends a sentence: `Sgt.` and `e.g.` are two of them."""
    return _last_word(text).lower() in _TITLES


def _is_initials(word: str) -> bool:
    return word != "I" and all(len(part) == 1 for part in word.split("."))


def _last_word(text: str) -> str:
    found = _LAST_WORD.search(text.rstrip()[-_TAIL:])
    return found["word"] if found else ""


def _belong_together(before: str, piece: str, language: str) -> bool:
    after = piece.strip()
    ended = before.rstrip()
    is_gapless = ended == before and not piece[:1].isspace()
    return (
        not any(char.isalnum() for char in after)
        or after[0].islower()
        or not ends_sentence(ended)
        or ends_in_abbreviation(ended, language)
        or (after[0].isdigit() and _last_word(ended).lower() in _words_of(_NUMBERED, language))
        or (language in _ORDINAL_LANGUAGES and _ORDINAL.search(ended[-_TAIL:]) is not None)
        or (is_gapless and _goes_on(ended, after))
        or ended.endswith(_NAMES)
    )


def _goes_on(before: str, after: str) -> bool:
    """Whether what follows without a space goes on: `4.5.X`, `"?", he`, and `「はい。」と`."""
    is_quoted = _ENDS_IN_CLOSER.search(before) and _HIRAGANA.match(after)
    is_dotted = _DOTTED.search(before[-_TAIL:]) is not None
    return bool(is_quoted) or is_dotted or _CLOSES_OR_PAUSES.match(after) is not None


def _words_of(lists: dict[str, frozenset[str]], language: str) -> frozenset[str]:
    base = language.replace("_", "-").split("-")[0].lower()
    return lists["en"] | lists.get(base, frozenset())


def _known(language: str) -> str:
    """Name a language as sentencex does; its other codes do not split at all."""
    return language if language in _LANGUAGES else "en"


#: What sentencex was tried with here.
_LANGUAGES = frozenset(
    """ar bg bn ca cs da de el en es et fa fi fr he hi hr hu hy it ja kk ko mr nb nl no pl pt ro
    ru sk sl sr sv ta th tr uk ur vi zh""".split()  # noqa: SIM905
)
