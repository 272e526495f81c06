"""Splits text into sentences, and checks that its quotation marks and brackets are closed."""

from __future__ import annotations

import re

import sentencex

from digest.text.measure import language_of
from digest.text.wordlists import COMMON, list_languages, read_list

#: Characters that are split; sentencex takes quadratic time for unpaired quotation marks.
MAX_CHARS = 20_000

#: Marks that end a sentence, in every script.
STOPS = ".?!…。！？｡．؟۔।॥։។။።"
#: Marks that may follow a stop and belong to its sentence.
CLOSERS = "\"'”’“‘»«›‹)]）］」』】》〉〕"

# A stop, then any closing marks, brackets and footnote numbers; French has a space before `»`.
_END = re.compile(rf"[{STOPS}](?:\s?[»›]|[{re.escape(CLOSERS)}])*(?:\[\d{{1,3}}\])*$")
_WITHOUT_STOPS = re.compile(r"[\u0e00-\u0eff]")
# A capital inside the first word: `iPhone`, `macOS`, `eBay`.
_NAME_SHAPE = re.compile(r"[^\W\d_]{1,12}?(?<=[a-zß-öø-ÿ])[A-ZÀ-ÖØ-Þ]")
_LAST_WORD = re.compile(r"(?:(?<=[\s(\"'“‘«„’])|^)(?P<word>[^\W\d_]+(?:[.-][^\W\d_]+)*)\.$")
_ORDINAL = re.compile(r"(?:(?<=\s)|^)(?:\d{1,2}|[IVX]{1,5})\.$")
_HIRAGANA = re.compile(r"[\u3040-\u309f]")
# Numbers, program names, initials, names that start with a dot: `4.5.`, `x.y.`, `l’I.`, ` .`
_DOTTED = re.compile(r"(?:\d|\w\.\w{1,30}|(?<!\w)\w|(?<!\S))\.$")
_CLOSES_OR_PAUSES = re.compile(r"[\"'”’»)\]]?[,;:]")
# With a wide space between a capital and its stop, sentencex ends in a panic: `plan A\xa0.`
_WIDE_BEFORE_STOP = re.compile(r"[^\S\n ](?=\s*\.)")
_ENDS_IN_CLOSER = re.compile(r"[」』）]$")

#: Characters at the end of a sentence that are enough to see how it ends.
_TAIL = 40


def _read_all(name: str) -> dict[str, frozenset[str]]:
    return {folder.name: frozenset(read_list(folder, name)) for folder in list_languages(COMMON)}


#: Abbreviations that may also end a sentence.
_ABBREVIATIONS = _read_all("abbreviations")
#: Titles and other words that never end a sentence, in any language: names keep their titles.
_TITLES = frozenset().union(*_read_all("titles").values())
_NUMBERED = _read_all("numbered")
#: Names such as `Yahoo!`.
_NAMES = read_list(COMMON, "names")
#: Languages in which a number with a dot is an ordinal: `3. Oktober`, `Ludwig XIV.`
_ORDINAL_LANGUAGES = frozenset(
    "cs da de et eu fi hr hu is lv nb nn no pl sk sl sr tr".split()  # noqa: SIM905
)


def split_sentences(paragraph: str, language: str) -> tuple[str, ...]:
    """Return the sentences of one paragraph, each without outer white space.

    If the boundary is uncertain, two sentences stay one. A last piece without a stop is kept.

    Args:
        paragraph: one paragraph without line breaks; text after `MAX_CHARS` is not split.
        language: a BCP 47 tag; a contradicting script in the text has precedence, and an unknown
            language is split as English.
    """
    head, tail = paragraph[:MAX_CHARS], paragraph[MAX_CHARS:]
    language = language_of(head, language)
    sentences: list[str] = []
    end = 0
    # The pieces together are the whole paragraph, white space included.
    for each in sentencex.segment(_known(language), _WIDE_BEFORE_STOP.sub(" ", head)):
        piece, end = head[end : end + len(each)], end + len(each)
        if sentences and _belong_together(sentences[-1], piece, language):
            sentences[-1] += piece
        else:
            sentences.append(piece)
    if tail and sentences:
        sentences[-1] += tail
    return tuple(stripped for each in sentences if (stripped := each.strip()))


def ends_sentence(text: str) -> bool:
    """Return whether `text` ends like a sentence: a stop, then only closing marks.

    Thai and Lao have no stop.
    """
    return _END.search(text[-_TAIL:]) is not None or _WITHOUT_STOPS.match(text[-1:]) is not None


def starts_lower(text: str) -> bool:
    """Return whether `text` begins with a lower-case word; not with a name such as `iPhone`."""
    return text[:1].islower() and not _NAME_SHAPE.match(text)


def starts_midway(text: str) -> bool:
    """Return whether `text` looks like the rest of a sentence: two small letters, and no name."""
    return text[:2].islower() and text[:2].isalpha() and starts_lower(text)


def ends_in_abbreviation(text: str, language: str = "en") -> bool:
    """Return whether the last stop belongs to an abbreviation: `Mr.`, `U.S.`, `z. B.`, an initial.

    Args:
        text: the text up to and including the stop.
        language: a BCP 47 tag; the English abbreviations count in every language, for names and
            ranks.
    """
    word = _last_word(text)
    is_known = word.lower() in _words_of(_ABBREVIATIONS, language)
    return is_known or ends_in_title(text) or _is_initials(word)


def ends_in_title(text: str) -> bool:
    """Return whether `text` ends in a word that never ends a sentence, such as `Sgt.` or `e.g.`."""
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
        or starts_lower(after)
        or not ends_sentence(ended)
        or ends_in_abbreviation(ended, language)
        or (after[0].isdigit() and _last_word(ended).lower() in _words_of(_NUMBERED, language))
        or (language in _ORDINAL_LANGUAGES and _ORDINAL.search(ended[-_TAIL:]) is not None)
        or (is_gapless and _goes_on(ended, after))
        or ended.endswith(_NAMES)
    )


def _goes_on(before: str, after: str) -> bool:
    """Return whether text without a space goes on: `4.5.X`, `"?", he` and `「はい。」と`."""
    is_quoted = _ENDS_IN_CLOSER.search(before) and _HIRAGANA.match(after)
    is_dotted = _DOTTED.search(before[-_TAIL:]) is not None
    return bool(is_quoted) or is_dotted or _CLOSES_OR_PAUSES.match(after) is not None


def _words_of(lists: dict[str, frozenset[str]], language: str) -> frozenset[str]:
    base = language.replace("_", "-").split("-")[0].lower()
    return lists["en"] | lists.get(base, frozenset())


def _known(language: str) -> str:
    """Return the language for sentencex; English if it was not tested, because some never split."""
    return language if language in _LANGUAGES else "en"


#: Languages with which sentencex was tested.
_LANGUAGES = frozenset(
    """ar bg bn ca cs da de el en es et fa fi fr he hi hr hu hy it ja kk ko mr nb nl no pl pt ro
    ru sk sl sr sv ta th tr uk ur vi zh""".split()  # noqa: SIM905
)


#: Closing marks for each opening mark. German closes with the mark that opens in English.
_CLOSERS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "（": "）",
    "［": "］",
    "【": "】",
    "〔": "〕",
    "《": "》",
    "〈": "〉",
    "「": "」",
    "『": "』",
    "“": "”",
    "„": "“”",
    "‟": "”",
    "‘": "’",
    "‚": "‘’",
    "«": "»",
    "»": "«»",
    "‹": "›",
    "›": "‹›",
    "”": "”",
    '"': '"',
    "'": "'",
}
_MARKS = frozenset("".join(_CLOSERS.values())) | frozenset(_CLOSERS)

#: With more open marks than this, the first one counts as unpaired.
_DEEPEST = 50

# Apostrophes inside and before words, emoticons, and list numbers.
_NOT_MARKS = re.compile(
    r"(?<=[\w#+])['’‘](?=\w)"
    r"|(?<!\w)['‘’](?=\d\ds?\b|(?:tis|twas|em|til|till|cause|bout|round|n)\b)"
    r"|(?<![\w.,])[:;=8][-'^]?[()\[\]{}]+"
    r"|(?<!\S)(?:\d{1,2}|[a-z])\)(?=\s)",
    re.IGNORECASE,
)


def is_paired(text: str) -> bool:
    """Return whether every quotation mark and bracket in `text` is paired."""
    return first_unpaired(text) is None


def first_unpaired(text: str) -> int | None:
    """Return the position of the first unpaired mark; None if all are paired."""
    plain = _NOT_MARKS.sub(lambda found: " " * len(found[0]), text)
    opened: list[tuple[str, int]] = []
    for at, mark in enumerate(plain):
        if mark not in _MARKS:
            continue
        before, after = plain[at - 1 : at] or " ", plain[at + 1 : at + 2] or " "
        if opened and mark in _CLOSERS[opened[-1][0]] and not _opens_word(mark, before, after):
            opened.pop()
        elif mark in _CLOSERS and _may_open(mark, before):
            opened.append((mark, at))
            if len(opened) > _DEEPEST:
                break
        elif not _is_sign(mark, before):
            return opened[0][1] if opened else at
    return opened[0][1] if opened else None


def _opens_word(mark: str, before: str, after: str) -> bool:
    """Return whether a mark that can open and close opens here, because it is before a word."""
    is_before_word = not (after.isspace() or after in ".,;:!?…")
    return mark in "'\"" and before.isspace() and is_before_word


def _may_open(mark: str, before: str) -> bool:
    return mark not in "'\"" or not (before.isalnum() or before in ".,!?…")


def _is_sign(mark: str, before: str) -> bool:
    """Return whether a mark is an apostrophe (boys' club) or means feet or inches (a 5" gun)."""
    return mark in "'’" or (mark in '"”' and before.isdigit())
