"""What is printed of a post's text: its first whole sentences, the author's words alone."""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.cut import Beginning, Piece, list_beginnings, split_pieces
from digest.composer.measure import Measure, measure_for
from digest.composer.prose import read_prose
from digest.composer.words import words_for
from digest.text.pairs import first_unpaired
from digest.text.sentences import ends_sentence

#: A shorter text says nothing: the title stands alone.
MIN_WORDS = 12
#: A feed's own summary of this length is preferred to the beginning of the text.
MIN_SUMMARY = 20
#: A few whole sentences of this length are better than more words and a broken sentence.
_GOOD_SENTENCES = 20
#: Words are not this long on average; keeps a text of endless words off the page.
_CHARS_PER_WORD = 14

_DANGLING = " ,;:–—-/|&+…."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many words are wanted."""

    least: int
    aim: int
    most: int


SHORT = Limits(least=30, aim=45, most=60)
LEAD = Limits(least=45, aim=65, most=75)


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
    for paragraphs in _sources(read_prose(summary, title), read_prose(content, title)):
        # Where a text begins with what cannot be closed (one long quotation), start after it.
        for start in range(len(paragraphs)):
            pieces = split_pieces(paragraphs[start:], language)
            if short := fit(pieces, SHORT, language):
                lead = fit(pieces, LEAD, language)
                return Excerpt(short=short, lead=max(short, lead, key=len))
    return Excerpt(short="", lead="")


def fit(pieces: tuple[Piece, ...], limits: Limits, language: str) -> str:
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
    broken = _break(pieces, limits, measure, words_for(language).connectives)
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


def _break(
    pieces: tuple[Piece, ...], limits: Limits, measure: Measure, connectives: frozenset[str]
) -> str:
    """Cut inside a sentence and add `…`: before what stays open, and not after `and`."""
    aim = measure.scale(limits.aim)
    text = measure.first(measure.joint.join(_until_no_stop(pieces)), aim)
    text = text[: limits.aim * _CHARS_PER_WORD]
    unpaired = first_unpaired(text)
    text = text[:unpaired].rstrip(_DANGLING)
    while text and _last_word(text) in connectives:
        text = text[: -len(_last_word(text))].rstrip(_DANGLING)
    is_enough = measure.size(text) >= measure.scale(MIN_WORDS)
    return f"{text}…" if is_enough else ""


def _until_no_stop(pieces: tuple[Piece, ...]) -> list[str]:
    texts = []
    for piece in pieces:
        texts.append(piece.text)
        if not piece.is_sentence:
            break
    return texts


def _last_word(text: str) -> str:
    return text.rsplit(maxsplit=1)[-1].lower() if text else ""
