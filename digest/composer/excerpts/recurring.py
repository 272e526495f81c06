"""Finds the text that stands in most posts of a feed, and removes it from a post.

A greeting, a notice about sponsors or an author's note that is the same in each post says nothing
about one of them. Nothing here knows such words: the posts of the feed are compared.
"""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from digest.composer.excerpts.markup import BREAK, HEADING, OMITTED, QUOTE_END, QUOTE_START
from digest.models import Recurring
from digest.text.measure import measure_for
from digest.text.sentences import ends_sentence, split_sentences

#: Newest posts of a feed that are compared.
MAX_POSTS = 10
#: Characters of each of their texts, markup included; an excerpt comes from the beginning.
MAX_CHARS = 3_000
#: Fewer different posts show no habit of the feed.
_MIN_POSTS = 4
#: Characters of a text in which recurring text is removed.
_MAX_READ = 16_000

_INLINE = "a|abbr|b|cite|code|em|i|img|ins|q|s|small|strong|sub|sup|u"
_INLINE_TAG = re.compile(rf'</?(?:{_INLINE})(?=[\s>])[^"<>]*(?:"[^"]*"[^"<>]*)*>')
_BLOCK_TAG = re.compile(r'<[^"<>]*(?:"[^"]*"[^"<>]*)*>')
# Cuts more often than sentences end, alike in each language.
_STOP = re.compile(r"[.!?…؟۔]+(?=\s|\Z)|[。！？।]+|\n+")
#: What `prose.read_text` puts before a list item.
_ITEM = "* "
_MARKS = f"*{QUOTE_START}{QUOTE_END}{OMITTED}{HEADING}{BREAK}"
_NUMBER = re.compile(r"\d+")
_LETTER = re.compile(r"[^\W\d_]")


def find_recurring(posts: Iterable[Sequence[str]]) -> Recurring:
    """Return what stands in most of a feed's posts: word for word, and but for numbers.

    Nothing if the feed has few posts, or if most of them have no other text: then the posts differ
    in this text only.

    Args:
        posts: the beginnings of each post's texts, as HTML cleaned by `clean_html`.
    """
    pieces = {frozenset(_pieces_of(texts)) for texts in posts} - {frozenset()}
    alike = _most([set(map(_masked, post)) for post in pieces])
    return Recurring(equal=_most(pieces) if alike else (), alike=alike)


def _most(posts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return what most posts have, if most posts also have something else."""
    distinct = set(map(frozenset, posts))
    if len(distinct) < _MIN_POSTS:
        return ()
    counts = Counter(piece for post in distinct for piece in post)
    found = {piece for piece, count in counts.items() if 2 * count > len(distinct)}
    others = sum(not post <= found for post in distinct)
    return tuple(sorted(found)) if 2 * others > len(distinct) else ()


def _pieces_of(texts: Sequence[str]) -> Iterator[str]:
    for html in texts:
        text = _BLOCK_TAG.sub("\n", _INLINE_TAG.sub("", " ".join(html.split())))
        yield from _split(entities.unescape(text))


def _split(text: str) -> Iterator[str]:
    """Return the pieces of a text that have letters, without spaces and marks of `markup`."""
    pieces = ("".join(piece.split()).strip(_MARKS) for piece in _STOP.split(text))
    return (piece for piece in pieces if _LETTER.search(piece))


def _masked(piece: str) -> str:
    return _NUMBER.sub("0", piece)


def own_texts(text: str, recurring: Recurring, language: str) -> Iterator[str]:
    """Return a post's text without what recurs in its feed, the shortest text first.

    Recurring paragraphs and sentences are removed at the beginning and at the end. The shorter
    texts also end before the first recurring paragraph that follows the post's own words, because
    a jump over it would join what does not belong together.

    Args:
        text: the result of `prose.read_text`.
        recurring: what recurs in the post's feed.
        language: the newsletter's language, a BCP 47 tag.
    """
    for pieces, is_alike in ((recurring.alike, True), (recurring.equal, False)):
        known = _Known(frozenset(pieces), is_alike)
        lines = known.without_edges(text[:_MAX_READ].split("\n"), language)
        for own in (known.first_own(lines), lines):
            yield "\n".join(own) + text[_MAX_READ:]


@dataclass(frozen=True, slots=True)
class _Known:
    """The pieces that recur in a feed."""

    pieces: frozenset[str]
    is_alike: bool

    def has(self, text: str) -> bool:
        """Return whether no piece of a text is its own."""
        found = _split(text)
        return self.pieces.issuperset(map(_masked, found) if self.is_alike else found)

    def _knows(self, sentence: str) -> bool:
        return self.has(sentence) and any(_split(sentence))

    def without_edges(self, lines: list[str], language: str) -> list[str]:
        """Return the lines without those that recur before the first own and after the last one.

        What stands before a list stays, because it introduces the list.
        """
        own = [number for number, line in enumerate(lines) if not self.has(line)]
        if not own:
            return []
        first, last = own[0], own[-1]
        if lines[first].startswith((_ITEM, HEADING)):
            first = 0
        else:
            lines[first] = self._cut(lines[first], language, step=1)
        lines[last] = self._cut(lines[last], language, step=-1)
        return [
            line
            for number, line in enumerate(lines)
            if first <= number <= last or not self._knows(line)
        ]

    def _cut(self, line: str, language: str, *, step: int) -> str:
        """Remove the recurring sentences at one end of a line."""
        sentences = split_sentences(line, language)
        own = tuple(dropwhile(self._knows, sentences[::step]))[::step]
        return line if len(own) == len(sentences) else measure_for(line).joint.join(own)

    def first_own(self, lines: list[str]) -> list[str]:
        """Return the lines before the first recurring sentences after the post's own words."""
        is_own = False
        for number, line in enumerate(lines):
            is_known = self._knows(line)
            if is_known and not is_own:
                break  # it introduces a list
            if is_known and ends_sentence(line):
                return lines[:number]
            is_own = is_own or not self.has(line)
        return lines
