"""Writes a post's excerpt: its first whole sentences, only the author's words."""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.excerpts.prose import read_prose
from digest.composer.lexicon.cut import Beginning, Piece, list_beginnings, split_pieces
from digest.text.excerpts import MAX_LEAD_WORDS, MAX_WORDS, MIN_WORDS, is_connective
from digest.text.graphemes import first_graphemes
from digest.text.measure import Measure, measure_for
from digest.text.sentences import ends_in_abbreviation, ends_sentence, first_unpaired

#: Words from which a feed's own summary is preferred to the beginning of the text.
MIN_SUMMARY = 20
#: Words from which whole sentences are preferred to more words with a broken sentence.
_GOOD_SENTENCES = 20
#: Average words are shorter; limits the length of a text with endless words.
_CHARS_PER_WORD = 14

#: First paragraphs tried; a later beginning no longer represents the post.
_MAX_STARTS = 12
#: More paragraphs are always longer than an excerpt.
_MAX_PARAGRAPHS = 40

_DANGLING = " ,;:–—-/|&+…."


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
    for paragraphs in _sources(*(read_prose(text, title, language) for text in (summary, content))):
        # If a text begins with a quotation too long to close, start with a later paragraph.
        for start in range(min(len(paragraphs), _MAX_STARTS)):
            pieces = split_pieces(paragraphs[start : start + _MAX_PARAGRAPHS], language)
            if short := fit(pieces, SHORT):
                lead = fit(pieces, LEAD)
                return Excerpt(short=short, lead=max(short, lead, key=len))
    return Excerpt(short="", lead="")


def fit(pieces: tuple[Piece, ...], limits: Limits) -> str:
    """Return the beginning of a text within the limits; empty if it has under `MIN_WORDS`.

    It ends with a whole sentence, or with `…` if no sentence ends within the limits.
    """
    measure = measure_for("".join(piece.text for piece in pieces[:20]))
    most = measure.scale(limits.most)
    beginnings = [
        each
        for each in list_beginnings(pieces, measure.joint, limits.most * _CHARS_PER_WORD)
        if measure.scale(MIN_WORDS) <= measure.size(each.text) <= most
    ]
    whole = _best(beginnings, limits, measure)
    if whole and measure.size(whole) >= measure.scale(_GOOD_SENTENCES):
        return whole
    broken = _break(pieces, limits, measure)
    if measure.size(broken) >= measure.scale(limits.least) or not whole:
        return broken
    return whole


def _sources(summary: tuple[str, ...], content: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the texts to take the excerpt from, best first."""
    text = " ".join(summary)
    measure = measure_for(text)
    is_long_enough = measure.size(text) >= measure.scale(MIN_SUMMARY)
    is_whole = is_long_enough and ends_sentence(text)
    return (summary, content) if is_whole else (content, summary)


def _best(beginnings: list[Beginning], limits: Limits, measure: Measure) -> str:
    """Return the long enough beginning nearest to the aim, else the longest one."""
    least, aim = measure.scale(limits.least), measure.scale(limits.aim)
    fitting = [each.text for each in beginnings if measure.size(each.text) >= least]
    if fitting:
        return min(fitting, key=lambda text: (abs(measure.size(text) - aim), -len(text)))
    return beginnings[-1].text if beginnings else ""


def _break(pieces: tuple[Piece, ...], limits: Limits, measure: Measure) -> str:
    """Cut within a sentence and add `…`: before an unclosed mark, and not after `and`."""
    least, aim = measure.scale(MIN_WORDS), measure.scale(limits.aim)
    text = measure.first(measure.joint.join(_until_no_stop(pieces)), aim)
    text = first_graphemes(text, limits.aim * _CHARS_PER_WORD)
    opening = first_unpaired(text)
    text = text[:opening].rstrip()
    is_whole = opening is not None and ends_sentence(text) and not ends_in_abbreviation(text)
    if is_whole and measure.size(text) >= least:
        return text
    text = text.rstrip(_DANGLING)
    while text and is_connective(_last_word(text)):
        text = text[: -len(_last_word(text))].rstrip(_DANGLING)
    return f"{text}…" if measure.size(text) >= least else ""


def _until_no_stop(pieces: tuple[Piece, ...]) -> list[str]:
    texts = []
    for piece in pieces:
        texts.append(piece.text)
        if not piece.is_sentence:
            break
    return texts


def _last_word(text: str) -> str:
    return text.rsplit(maxsplit=1)[-1] if text else ""


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
