"""Writes a post's excerpt: its first whole sentences, only the author's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from digest.composer.excerpts.markup import BREAK
from digest.composer.excerpts.prose import read_prose
from digest.composer.lexicon.cut import Beginning, Piece, list_beginnings, split_pieces
from digest.text.excerpts import MAX_LEAD_WORDS, MAX_WORDS, MIN_WORDS, is_connective
from digest.text.graphemes import first_graphemes
from digest.text.measure import Measure, measure_for
from digest.text.sentences import (
    ends_in_abbreviation,
    ends_in_title,
    ends_sentence,
    first_unpaired,
    is_paired,
)

#: Words from which a feed's own summary is preferred to the beginning of the text.
MIN_SUMMARY = 20
#: Words from which whole sentences are preferred to more words with a broken sentence.
_GOOD_SENTENCES = 30
#: Average words are shorter; limits the length of a text with endless words.
_CHARS_PER_WORD = 14

#: First paragraphs tried; a later beginning no longer represents the post.
_MAX_STARTS = 12
#: More paragraphs are always longer than an excerpt.
_MAX_PARAGRAPHS = 40

_DANGLING = " ,;:–—-/|&+….、，；：،؛"
# Where a sentence may be cut: after a pause.
_PAUSE = re.compile(r"[,;:،؛](?=\s)|\s[–—](?=\s)|[、，；：]")
_LINE_BREAK = re.compile(rf"\s*{BREAK}\s*")
# The feed cut its text here.
_CUT = re.compile(r"(?:…|\.{3}|&hellip;)[\])]?|\[\?\]")
_MAX_OPEN_BRACKETS = 5
#: Characters of a text that show whether a summary is its beginning.
_MAX_COMPARED = 10_000
#: Characters at the end of a text that show whether it was cut.
_TAIL = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The length limits of an excerpt, in words."""

    least: int
    aim: int
    most: int


SHORT = Limits(least=30, aim=45, most=MAX_WORDS)
LEAD = Limits(least=45, aim=65, most=MAX_LEAD_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The excerpts of a post; both are empty if its text is too short."""

    short: str
    #: For the top story: begins like `short` and is never shorter.
    lead: str


def write_excerpt(summary: str, content: str, title: str, language: str) -> Excerpt:
    """Return the excerpts of a post.

    Args:
        summary: the feed's summary, from `prose.read_text`.
        content: the full text, from `prose.read_text`; empty if the feed has none.
        title: the post's title; it is not repeated in the excerpt.
        language: the newsletter's language, a BCP 47 tag.
    """
    if title and all(_is_same(text, title) for text in (summary, content) if text):
        return Excerpt(short="", lead="")
    texts = _sources(
        *(_Text(read_prose(text, title, language), text) for text in (summary, content))
    )
    # A bracket that is never closed would otherwise end the text before it begins.
    for text in (*texts, *map(_without_open_brackets, texts)):
        paragraphs = text.paragraphs
        # If a text begins with a quotation too long to close, start with a later paragraph.
        for start in range(min(len(paragraphs), _MAX_STARTS)):
            pieces = split_pieces(paragraphs[start : start + _MAX_PARAGRAPHS], language)
            if short := fit(pieces, SHORT, is_cut=text.is_cut):
                lead = fit(pieces, LEAD, is_cut=text.is_cut)
                return _excerpt(short, max(short, lead, key=len))
    whole = next(filter(None, map(_short_post, texts)), "")
    return _excerpt(whole, whole)


def _is_same(text: str, title: str) -> bool:
    return text.split() == title.split()


def _excerpt(short: str, lead: str) -> Excerpt:
    return Excerpt(short=_LINE_BREAK.sub("\n", short), lead=_LINE_BREAK.sub("\n", lead))


@dataclass(frozen=True, slots=True)
class _Text:
    """A summary or a full text: the author's paragraphs, and all that was there."""

    paragraphs: tuple[str, ...]
    text: str

    @property
    def is_cut(self) -> bool:
        """Whether the feed has only the beginning, or much of it is not the author's."""
        return _CUT.search(self.text[-_TAIL:]) is not None

    @property
    def first_words(self) -> str:
        return " ".join(self.paragraphs)


def _without_open_brackets(text: _Text) -> _Text:
    paragraphs = []
    for paragraph in text.paragraphs:
        for _ in range(_MAX_OPEN_BRACKETS):
            at = first_unpaired(paragraph)
            if at is None or paragraph[at] not in "([{":
                break
            paragraph = f"{paragraph[:at]}{paragraph[at + 1 :]}"
        paragraphs.append(" ".join(paragraph.split()))
    return _Text(tuple(filter(None, paragraphs)), text.text)


def _short_post(text: _Text) -> str:
    """Return a post of fewer than `MIN_WORDS` words: its whole sentences; else empty."""
    measure = measure_for(text.first_words)
    said = measure.joint.join(text.paragraphs)
    left_out = measure.size(text.text) - measure.size(said)
    is_whole = left_out < measure.scale(MIN_WORDS) and not text.is_cut
    is_short = measure.size(said) < measure.scale(MIN_WORDS)
    is_ended = ends_sentence(said) and not ends_in_title(said)
    return said if is_whole and is_short and is_ended and is_paired(said) else ""


def fit(pieces: tuple[Piece, ...], limits: Limits, *, is_cut: bool = False) -> str:
    """Return the beginning of a text within the limits; empty if it has under `MIN_WORDS`.

    It ends with a whole sentence, with the end of the text, or with `…` if no sentence ends within
    the limits.

    Args:
        pieces: the text.
        limits: the limits.
        is_cut: whether the text itself is only a beginning.
    """
    measure = measure_for("".join(piece.text for piece in pieces[:20]))
    most = measure.scale(limits.most)
    beginnings = [
        each
        for each in list_beginnings(pieces, measure.joint, limits.most * _CHARS_PER_WORD)
        if measure.scale(MIN_WORDS) <= measure.size(each.text) <= most
    ]
    whole = _best(beginnings, limits, measure)
    is_all = bool(beginnings) and beginnings[-1].is_all and beginnings[-1].text == whole
    if whole and (is_all or measure.size(whole) >= measure.scale(_GOOD_SENTENCES)):
        return whole
    # A few more words are not worth a broken sentence.
    enough = measure.size(whole) + measure.scale(MIN_WORDS) if whole else 0
    least = max(measure.scale(limits.least), enough)
    broken = _break(pieces, limits, measure, least=least, is_cut=is_cut)
    return broken if measure.size(broken) >= least or not whole else whole


def _sources(summary: _Text, content: _Text) -> tuple[_Text, ...]:
    """Return the texts to take the excerpt from, best first.

    Not a summary whose words run together because the line breaks of the text were lost.
    """
    if _has_joined_words(summary, content):
        return (content,)
    text = summary.first_words
    measure = measure_for(text)
    is_long_enough = measure.size(text) >= measure.scale(MIN_SUMMARY)
    is_own = is_long_enough and ends_sentence(text) and not _is_copy(summary, content)
    return (summary, content) if is_own else (content, summary)


def _is_copy(summary: _Text, content: _Text) -> bool:
    """Whether a summary is the beginning of the text, or both begin alike up to a hidden part.

    Its markup is lost: a quotation would be printed without marks, and what the page hides.
    """
    told, said = _letters(summary.first_words), _letters(content.text)
    is_longer = told.startswith(said) and said != "" and not content.is_cut
    return content.first_words.startswith(summary.first_words) or said.startswith(told) or is_longer


def _has_joined_words(summary: _Text, content: _Text) -> bool:
    """Whether a word of the summary is the last of a line of the text and the first of the next."""
    lines = [line.split() for line in content.text.splitlines() if line.strip()]
    joined = {before[-1] + after[0] for before, after in pairwise(lines)}
    return not joined.isdisjoint(set(summary.text.split()).difference(content.text.split()))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text[:_MAX_COMPARED]))


def _best(beginnings: list[Beginning], limits: Limits, measure: Measure) -> str:
    """Return the long enough beginning nearest to the aim, else the longest one."""
    least, aim = measure.scale(limits.least), measure.scale(limits.aim)
    fitting = [each.text for each in beginnings if measure.size(each.text) >= least]
    if fitting:
        return min(fitting, key=lambda text: (abs(measure.size(text) - aim), -len(text)))
    return beginnings[-1].text if beginnings else ""


def _break(
    pieces: tuple[Piece, ...], limits: Limits, measure: Measure, *, least: int, is_cut: bool
) -> str:
    """Cut within a sentence and add `…`: before an unclosed mark, and not after `and`.

    A text that ends without a stop before the limits is not cut. A cut after a pause leaves at
    least `least` units.
    """
    shortest, aim = measure.scale(MIN_WORDS), measure.scale(limits.aim)
    reached = _until_no_stop(pieces)
    everything = measure.joint.join(reached)
    is_all = len(reached) == len(pieces) and not is_cut and everything[-1:].isalnum()
    if (
        is_all
        and shortest <= measure.size(everything) <= aim
        and first_unpaired(everything) is None
    ):
        return f"{everything}{'.' if measure.joint else '。'}"
    text = measure.first(everything, aim)
    text = first_graphemes(text, limits.aim * _CHARS_PER_WORD)
    opening = first_unpaired(text)
    text = text[:opening].rstrip()
    is_whole = opening is not None and ends_sentence(text) and not ends_in_abbreviation(text)
    if is_whole and measure.size(text) >= shortest:
        return text
    if len(text) < len(everything):
        text = _until_pause(text, least, measure)
    text = text.rstrip(_DANGLING)
    while text and is_connective(_last_word(text)):
        text = text[: -len(_last_word(text))].rstrip(_DANGLING)
    return f"{text}…" if measure.size(text) >= shortest else ""


def _until_pause(text: str, least: int, measure: Measure) -> str:
    """Return `text` up to its last pause, or at a space in Thai, if that leaves `least` units."""
    pauses = [found.start() for found in _PAUSE.finditer(text)]
    if measure.is_by_characters and measure.joint:
        pauses.append(text.rfind(" "))
    for at in sorted(pauses, reverse=True):
        if measure.size(text[: max(at, 0)]) < least:
            break
        if is_paired(text[:at]):
            return text[:at]
    return text


def _until_no_stop(pieces: tuple[Piece, ...]) -> list[str]:
    texts = []
    for piece in pieces:
        texts.append(piece.text)
        if not piece.is_sentence:
            break
    return texts


def _last_word(text: str) -> str:
    return text.rsplit(maxsplit=1)[-1].lstrip(BREAK) if text else ""


WORDS_PER_MINUTE = 220
#: A text with fewer words is only a summary.
MIN_FULL_TEXT = 120


def reading_minutes(text: str) -> int | None:
    """Return the minutes to read `text`, at least 1; None if it is only a summary."""
    measure = measure_for(text)
    size = measure.size(text)
    if size < measure.scale(MIN_FULL_TEXT):
        return None
    return max(1, round(size / measure.scale(WORDS_PER_MINUTE)))
