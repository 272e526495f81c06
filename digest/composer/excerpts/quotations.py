"""Marks the quotations in a post's text as such, or leaves them out at the beginning."""

from __future__ import annotations

import re
from itertools import accumulate, groupby, takewhile

from digest.composer.excerpts.markup import HEADING, OMITTED, QUOTE_END, QUOTE_START
from digest.text.excerpts import MIN_WORDS
from digest.text.measure import language_of, measure_for
from digest.text.sentences import ends_sentence, first_unpaired, split_sentences

#: A longer quotation at the beginning is left out: an excerpt is the author's.
_MAX_LEADING_WORDS = 30
#: A longer one is cut, because its end would not be reached.
_MAX_WORDS = 40
#: A longer last line that begins with a dash belongs to the quotation.
_MAX_ATTRIBUTION_WORDS = 12
_ATTRIBUTION = re.compile(r"^(?:[—–―‒]|--?)\s?\S")
_ITEM = re.compile(r"^[*•] ?")
_TYPED = re.compile(r"^(?:>\s?)+")
_STRAIGHT = re.compile(r"\"([^\"]*)\"")
_COLON = re.compile(r"[:：]$")

# Opening and closing marks, each language's own. All others use “…”.
_MARKS = {
    **dict.fromkeys("bg cs da de et is lt lv sk sl".split(), ("„", "“")),  # noqa: SIM905
    **dict.fromkeys("hr hu pl ro sr".split(), ("„", "”")),  # noqa: SIM905
    **dict.fromkeys("be ca el es fa hy it nb nn no pt ru uk".split(), ("«", "»")),  # noqa: SIM905
    "fr": ("« ", " »"),
    "ja": ("「", "」"),
}
_INNER = {"“": "‘", "”": "’", "„": "‚", "«": "‹", "»": "›", "「": "『", "」": "』"}
_OPENERS = tuple('“„«»「『"”')


def mark_quotations(lines: list[str], language: str, *, keeps_all: bool = False) -> list[str]:
    """Return the lines of a text with quotation marks instead of `QUOTE_START` and `QUOTE_END`.

    A long quotation at the beginning, or one with its source, is left out if the author's own
    words are enough for an excerpt.

    Args:
        lines: the paragraphs of a text, from `markup.read_markup`.
        language: the newsletter's language, a BCP 47 tag.
        keeps_all: whether to leave out none.
    """
    lines = _with_typed_quotations(lines)
    if QUOTE_START not in lines:
        return lines
    has_own_words = not keeps_all and _has_own_words(lines)
    marked: list[str] = []
    quoted: list[str] | None = None
    for line in [*lines, QUOTE_END]:
        if line == QUOTE_START:
            quoted = []
        elif line != QUOTE_END:
            (marked if quoted is None else quoted).append(line)
        elif quoted is not None:
            is_first = not any(line[:1] not in ("", OMITTED, HEADING) for line in marked)
            _add(marked, quoted, language, is_optional=is_first and has_own_words)
            quoted = None
    return marked


def _with_typed_quotations(lines: list[str]) -> list[str]:
    """Return the lines with marks around those that begin with `>`, as in mail."""
    if not any(map(_TYPED.match, lines)):
        return lines
    found: list[str] = []
    for is_quoted, group in groupby(lines, key=lambda line: _TYPED.match(line) is not None):
        said = [_TYPED.sub("", line) for line in group]
        found += [QUOTE_START, *filter(None, said), QUOTE_END] if is_quoted else said
    return found


def _has_own_words(lines: list[str]) -> bool:
    own, is_own = [], True
    for line in lines:
        is_own = line == QUOTE_END or (is_own and line != QUOTE_START)
        own.append(line if is_own else "")
    text = " ".join(own)
    measure = measure_for(text)
    return measure.size(text) >= measure.scale(MIN_WORDS)


def _add(marked: list[str], quoted: list[str], language: str, *, is_optional: bool) -> None:
    """Add a quotation to the lines before it; directly after a colon, to the last line."""
    quoted = [line for each in quoted if (line := _ITEM.sub("", each)) and each != OMITTED]
    source = _source_of(quoted)
    said = quoted[: len(quoted) - bool(source)]
    text = " ".join(said)
    measure = measure_for(text)
    is_long = measure.size(text) > measure.scale(_MAX_LEADING_WORDS)
    if not said or (is_optional and (is_long or source)):
        return
    said = _with_marks(_shortened(said, language), language_of(text, language))
    if marked and _COLON.search(marked[-1]):
        said = [f"{marked.pop()}{measure.joint}{said[0]}", *said[1:]]
    marked += said


def _shortened(said: list[str], language: str) -> list[str]:
    """Return the first sentences of a quotation that is too long for an excerpt, and `…`."""
    measure = measure_for(" ".join(said))
    limit = measure.scale(_MAX_WORDS)
    if measure.size(" ".join(said)) <= limit:
        return said
    whole = measure.joint.join(said)
    beginnings = accumulate(
        split_sentences(whole, language), lambda *pair: measure.joint.join(pair)
    )
    fitting = tuple(takewhile(lambda text: measure.size(text) <= limit, beginnings))
    text = fitting[-1] if fitting else measure.first(whole, limit).rstrip(" ,;:、，")
    return [
        f"{text[: first_unpaired(text)].rstrip()}{measure.joint if ends_sentence(text) else ''}…"
    ]


def _source_of(quoted: list[str]) -> str:
    """Return the last line if it names who is quoted: `— Mark Twain`."""
    last = quoted[-1] if len(quoted) > 1 else ""
    measure = measure_for(last)
    is_short = measure.size(last) <= measure.scale(_MAX_ATTRIBUTION_WORDS)
    return last if is_short and _ATTRIBUTION.match(last) else ""


def _with_marks(said: list[str], language: str) -> list[str]:
    opening, closing = _MARKS.get(language, ("“", "”"))
    if said[0].startswith(_OPENERS) and said[-1].endswith(tuple(_INNER)):
        return said
    marks = {opening.strip(), closing.strip()} & set(_INNER)
    inner = str.maketrans({mark: _INNER[mark] for mark in marks})
    said = [_STRAIGHT.sub(r"‘\1’", line.translate(inner)) for line in said]
    said[0] = f"{opening}{said[0]}"
    said[-1] = f"{said[-1]}{closing}"
    return said
