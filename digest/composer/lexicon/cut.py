"""Cutting a text where it may end: after a sentence, with every quotation and bracket closed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from digest.text.sentences import ends_in_title, ends_sentence, is_paired, split_sentences

# Dots that end no sentence: of a list, of a text that was cut, of an address shown short.
_UNFINISHED = re.compile(r"[,;:/\s]\s*(?:…|\.{3,})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One sentence, or the rest of a paragraph that ends without a stop."""

    text: str
    is_sentence: bool
    ends_paragraph: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The first pieces of a text, fit to stand alone."""

    text: str
    #: Whether nothing follows.
    is_all: bool


def split_pieces(paragraphs: Iterable[str], language: str) -> tuple[Piece, ...]:
    """Cut paragraphs into sentences."""
    return tuple(
        piece for paragraph in paragraphs for piece in _pieces_of(paragraph, language) if piece.text
    )


def _pieces_of(paragraph: str, language: str) -> Iterator[Piece]:
    sentences = split_sentences(paragraph, language)
    for number, text in enumerate(sentences, start=1):
        is_last = number == len(sentences)
        is_ended = ends_sentence(text) and not ends_in_title(text)
        is_sentence = is_ended and not _UNFINISHED.search(text[-10:])
        yield Piece(text=text, is_sentence=is_sentence, ends_paragraph=is_last)


def list_beginnings(pieces: tuple[Piece, ...], joint: str, max_chars: int) -> tuple[Beginning, ...]:
    """Every beginning of at most `max_chars` that ends a sentence and leaves nothing open.

    Shortest first. What follows a piece that ends without a stop is out of reach: run on, the
    two would read as one.
    """
    beginnings = []
    text = ""
    for number, piece in enumerate(pieces, start=1):
        text += _joint(text, piece.text, joint) + piece.text
        if not piece.is_sentence or len(text) > max_chars:
            break
        if is_paired(text):
            beginnings.append(Beginning(text=text, is_all=number == len(pieces)))
    return tuple(beginnings)


def _joint(before: str, after: str, joint: str) -> str:
    """Return the separator of two pieces; Latin words in a Japanese text have one too."""
    if not before:
        return ""
    return joint or (" " if before[-1].isascii() and after[0].isascii() else "")
