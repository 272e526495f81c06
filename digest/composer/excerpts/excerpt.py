"""What is printed of a post's text: its first whole sentences, the author's words alone."""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.excerpts.prose import read_prose
from digest.composer.lexicon.cut import Beginning, Piece, list_beginnings, split_pieces
from digest.text.excerpts import MAX_LEAD_WORDS, MAX_WORDS, MIN_WORDS, is_connective
from digest.text.graphemes import first_graphemes
from digest.text.measure import Measure, measure_for
from digest.text.pairs import first_unpaired
from digest.text.sentences import ends_in_abbreviation, ends_sentence

#: A feed's own summary of this length is preferred to the beginning of the text.
MIN_SUMMARY = 20
#: A few whole sentences of this length are better than more words and a broken sentence.
_GOOD_SENTENCES = 20
#: Words are not this long on average; keeps a text of endless words off the page.
_CHARS_PER_WORD = 14

#: An excerpt that begins later is none of the post.
_MAX_STARTS = 12
#: More of them are longer than any excerpt.
_MAX_PARAGRAPHS = 40

_DANGLING = " ,;:–—-/|&+…."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many words are wanted."""

    least: int
    aim: int
    most: int


SHORT = Limits(least=30, aim=45, most=MAX_WORDS)
LEAD = Limits(least=45, aim=65, most=MAX_LEAD_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """The words printed of a post; both empty where it says too little."""

    short: str
    #: For the place at the top: begins as `short` does and is never shorter.
    lead: str


def write_excerpt(summary: str, content: str, title: str, language: str) -> Excerpt:
    """Choose what is printed of a post.

    Args:
        summary: the feed's summary, as `prose.read_text` gives it.
        content: the full text likewise; empty where the feed carries none.
        title: of the post, so that it is not said twice.
        language: BCP 47 tag, of the newsletter.
    """
    for paragraphs in _sources(*(read_prose(text, title, language) for text in (summary, content))):
        # Where a text begins with what cannot be closed (one long quotation), start after it.
        for start in range(min(len(paragraphs), _MAX_STARTS)):
            pieces = split_pieces(paragraphs[start : start + _MAX_PARAGRAPHS], language)
            if short := fit(pieces, SHORT):
                lead = fit(pieces, LEAD)
                return Excerpt(short=short, lead=max(short, lead, key=len))
    return Excerpt(short="", lead="")


def fit(pieces: tuple[Piece, ...], limits: Limits) -> str:
    """Give the beginning of a text within the limits; empty where under `MIN_WORDS` fit.

    It ends with a sentence, or with `…` where no sentence ends in time.
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
    """Where to take the words from, best first."""
    text = " ".join(summary)
    measure = measure_for(text)
    is_long_enough = measure.size(text) >= measure.scale(MIN_SUMMARY)
    is_whole = is_long_enough and ends_sentence(text)
    return (summary, content) if is_whole else (content, summary)


def _best(beginnings: list[Beginning], limits: Limits, measure: Measure) -> str:
    """The one nearest to the aim among those long enough, else the longest."""
    least, aim = measure.scale(limits.least), measure.scale(limits.aim)
    fitting = [each.text for each in beginnings if measure.size(each.text) >= least]
    if fitting:
        return min(fitting, key=lambda text: (abs(measure.size(text) - aim), -len(text)))
    return beginnings[-1].text if beginnings else ""


def _break(pieces: tuple[Piece, ...], limits: Limits, measure: Measure) -> str:
    """Cut inside a sentence and add `…`: before what stays open, and not after `and`."""
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
#: A feed that carries fewer words than this carries a summary only.
MIN_FULL_TEXT = 120


def reading_minutes(text: str) -> int | None:
    """Minutes to read `text`, at least 1; None where it is a summary only."""
    measure = measure_for(text)
    size = measure.size(text)
    if size < measure.scale(MIN_FULL_TEXT):
        return None
    return max(1, round(size / measure.scale(WORDS_PER_MINUTE)))
