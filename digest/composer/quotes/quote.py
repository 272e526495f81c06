"""A comment as printed: a name and at most 280 characters of whole sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from digest.composer.gate.form import MIN_CHARS
from digest.composer.lexicon.contact import has_link
from digest.composer.lexicon.cut import Piece, list_beginnings, split_pieces
from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.persons import bare_name
from digest.composer.lexicon.tidy import tidy_line
from digest.composer.lexicon.words import Words
from digest.composer.quotes.endings import without_endings
from digest.text.graphemes import first_graphemes
from digest.text.measure import measure_for
from digest.text.sentences import first_unpaired
from digest.text.shortcodes import strip_shortcodes

MAX_CHARS = 280
MAX_NAME = 40
#: About so long is a quote below a story that is not at the top.
SHORT_CHARS = 180
#: Of what a quote answers, so much is shown.
MAX_ANSWERED = 120
#: A greeting is a short line: `Dear Mr. Abbott,`.
_MAX_GREETING = 60

_PARAGRAPHS = re.compile(r"\n\s*\n")
_QUOTED_LINE = re.compile(r"^\s*(?:>|&gt;|@\S+[:,]?\s*$)")
# Of a list, or typed for a verdict: `+`, `?`; not those around words: `**so**`.
_STOP = re.compile(r"(?<=[.!?…])\s+(?=\w)")
_MARKS = re.compile(r"^(?!(?:\*{1,3}|~~)\w[^*~]*[*~])[-–—+*?•·~ ]+(?=\w)")
# `@anna`, `@Anna Lee:`
_ADDRESSING = re.compile(
    r"^@(?:[A-ZÀ-ÖØ-Þ][\w.-]{0,40} [A-ZÀ-ÖØ-Þ][\w.-]{0,40}[:,]|[\w.-]{1,40}[:,]?)\s+(?=\S)"
)


def print_name(author: str) -> str:
    """The name under a quote: one line, at most `MAX_NAME` characters; empty where it has none."""
    name = tidy_line(bare_name(author), max_address=0)
    if len(name) > MAX_NAME:
        name = first_graphemes(name, MAX_NAME - 1).rstrip() + "…"
    return name


def print_text(text: str, words: Words, language: str) -> str:
    """The words to quote of a comment; empty where no whole sentence of it is fit to stand alone.

    Starts at the first paragraph that says something, ends with a sentence. At most `MAX_CHARS`
    characters.
    """
    paragraphs = _list_paragraphs(without_endings(text), words)
    if not paragraphs:
        return ""
    pieces = split_pieces(paragraphs, language)
    joint = measure_for(paragraphs[0]).joint
    linked = ""
    for quoted in _list_quotes(pieces, joint, words):
        if not has_link(quoted):
            return quoted
        linked = linked or quoted
    return linked


def _list_quotes(pieces: tuple[Piece, ...], joint: str, words: Words) -> Iterator[str]:
    """Yield the quotes that may be cut from pieces, one for each start, the best start first."""
    loose = tuple(piece for each in pieces for piece in _split_loosely(each))
    for way in (pieces, loose) if loose != pieces else (pieces,):
        said = _end_last(_strip_pleasantries(way, words))
        for start in _list_starts(said):
            if quoted := _cut(said[start:], joint):
                yield quoted


def _split_loosely(piece: Piece) -> tuple[Piece, ...]:
    """Split a piece that is too long at each stop, even before a small letter."""
    if len(piece.text) <= MAX_CHARS:
        return (piece,)
    texts = _STOP.split(piece.text)
    return tuple(
        replace(
            piece,
            text=text,
            is_sentence=piece.is_sentence or number < len(texts),
            ends_paragraph=piece.ends_paragraph and number == len(texts),
        )
        for number, text in enumerate(texts, start=1)
    )


def shorten_text(printed: str, language: str) -> str:
    """The beginning of a printed quote: whole sentences of at most `SHORT_CHARS` characters.

    The whole text where its first sentence is longer, or where less would say too little.
    """
    pieces = _end_last(split_pieces((printed,), language))
    beginnings = list_beginnings(pieces, measure_for(printed).joint, SHORT_CHARS)
    fitting = [each.text for each in beginnings if len(each.text) >= MIN_CHARS]
    return fitting[-1] if fitting else printed


def print_answered(text: str, words: Words, language: str) -> str:
    """The first words of a comment that a quote answers; empty where none can stand there.

    Whole sentences; where the first one is too long, as much of it as fits, and `…`.
    """
    own = without_endings(text)
    lines = [line for raw in _PARAGRAPHS.split(strip_shortcodes(own)) if (line := _tidy(raw))]
    while len(lines) > 1 and words.greetings.begins(fold_plain(lines[0])):
        lines.pop(0)
    if not lines:
        return ""
    pieces = _end_last(split_pieces(lines, language))
    beginnings = list_beginnings(pieces, measure_for(lines[0]).joint, MAX_ANSWERED)
    return beginnings[-1].text if beginnings else _break(pieces[0].text)


def _break(sentence: str) -> str:
    if len(sentence) <= MAX_ANSWERED:
        return ""
    begun = sentence[: MAX_ANSWERED - 1].rpartition(" ")[0]
    begun = begun[: first_unpaired(begun)].rstrip(" ,;:–—-")
    return f"{begun}…" if len(begun) >= MIN_CHARS else ""


def _strip_pleasantries(pieces: tuple[Piece, ...], words: Words) -> tuple[Piece, ...]:
    """Leave out the thanks and wishes before the first word of substance and after the last."""
    said = [at for at, piece in enumerate(pieces) if not _is_pleasantry(piece.text, words)]
    return pieces[said[0] : said[-1] + 1] if said else pieces


def _is_pleasantry(sentence: str, words: Words) -> bool:
    return len(sentence) <= _MAX_GREETING and bool(words.pleasantries.find(fold_plain(sentence)))


def _end_last(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Let the last words of a comment end it, stop or not: many people set none."""
    if not pieces:
        return ()
    is_open = pieces[-1].text.endswith((":", ","))
    return pieces if is_open else (*pieces[:-1], replace(pieces[-1], is_sentence=True))


def _list_starts(pieces: tuple[Piece, ...]) -> list[int]:
    """List where a quote may start: at a paragraph, else after a sentence that is too long."""
    paragraphs = [at for at in range(len(pieces)) if not at or pieces[at - 1].ends_paragraph]
    sentences = [at for at in range(1, len(pieces)) if pieces[at - 1].is_sentence]
    return list(dict.fromkeys([*paragraphs, *sentences]))


def _cut(pieces: tuple[Piece, ...], joint: str) -> str:
    beginnings = list_beginnings(pieces, joint, MAX_CHARS)
    fitting = [each.text for each in beginnings if len(each.text) >= MIN_CHARS]
    return fitting[-1] if fitting else ""


def _list_paragraphs(text: str, words: Words) -> tuple[str, ...]:
    """The paragraphs of a comment from the first that says something, each as one line."""
    lines = (_tidy(raw) for raw in _PARAGRAPHS.split(strip_shortcodes(text)))
    said = [line for line in lines if line]
    while said and _says_nothing(said[0], words):
        said.pop(0)
    return tuple(said)


def _tidy(paragraph: str) -> str:
    own = [line for line in paragraph.splitlines() if not _QUOTED_LINE.match(line)]
    return _ADDRESSING.sub("", _MARKS.sub("", tidy_line("\n".join(own), max_address=0)))


def _says_nothing(line: str, words: Words) -> bool:
    is_greeting = len(line) <= _MAX_GREETING and words.greetings.begins(fold_plain(line))
    return is_greeting or len(line) < MIN_CHARS
