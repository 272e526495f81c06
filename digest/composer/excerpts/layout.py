"""Reads the paragraphs of a text: which line breaks separate them, and which only wrap."""

from __future__ import annotations

import re
import unicodedata

from digest.composer.excerpts.markup import BREAK, HEADING, OMITTED, QUOTE_END, QUOTE_START
from digest.text.excerpts import is_connective
from digest.text.measure import measure_for
from digest.text.sentences import ends_sentence, starts_lower

#: A shorter line without a stop may be a heading; in a script without capitals, fewer words.
_MIN_WORDS_WITHOUT_STOP = 12
_MIN_CASELESS_WORDS = 3

_BLANK_LINE = re.compile(r"\n\s*\n")
_LIST_ITEM = re.compile(r"^(?:[*•·▪►‣◦✓✔] ?|[+o–-] )")
_NUMBERED = re.compile(r"^(\d{1,2})[.)] (?=\S)")
#: A line that may continue on the next line.
_OPEN_END = re.compile(r"[,;:–—&(、，；：・～،؛「『（《-]$")
# Particles and endings after which a Japanese, Chinese or Korean sentence goes on.
_PARTICLE = re.compile(
    r"[はがをにでとものへやてばらどりしず]$|[的了和与與在是把被而但并並及或就也都不从從为為让讓使]$"
    r"|[은는이가을를에의로와과도만고며서면나데게여해던한할된될라려니어아야]$"
)
#: What never begins a Japanese or Chinese line (JIS X 4051).
_NO_START = re.compile(r"[をがんーぁぃぅぇぉっゃゅょゎァィゥェォッャュョ、。，．！？」』）・…]")
#: A sentence that goes on in the next paragraph.
_GOES_ON = re.compile(r"[、，]$")
_MARKS = (QUOTE_START, QUOTE_END, OMITTED, HEADING)

#: Lines and characters of a verse.
_MIN_VERSES = 3
_MAX_VERSE = 60
_MAX_MEAN_VERSE = 46
_MAX_CJK_VERSE = 12
_VERSE_PAUSE = re.compile(r"[,;:–—،؛，；：!?.…。！？]$")


def lines_of(text: str) -> list[str]:
    """Return the paragraphs of a text from `markup.read_markup`, each as one line.

    The lines of a verse stay together, separated by `BREAK`.
    """
    lines: list[str] = []
    for block in _BLANK_LINE.split(text):
        for line in _lines_of_block(block):
            is_text = not line.startswith((*_MARKS, "*"))
            if lines and is_text and _GOES_ON.search(lines[-1]):
                lines[-1] += line
            else:
                lines.append(line)
    return lines


def mark_numbers(lines: list[str]) -> list[str]:
    """Mark numbered lines as list items; a single `3. Oktober` is not a list item."""
    numbers = [int(found[1]) if (found := _NUMBERED.match(line)) else None for line in lines]
    known = set(numbers)
    return [
        _NUMBERED.sub("* ", line)
        if number is not None and {number - 1, number + 1} & known
        else line
        for number, line in zip(numbers, lines, strict=True)
    ]


def _lines_of_block(block: str) -> list[str]:
    lines = [line.strip() for line in block.split("\n") if line.strip()]
    joint = measure_for(block).joint
    if _is_verse(lines):
        return [f"{joint}{BREAK}".join(lines)]
    going_on = sum(starts_lower(line) for line in lines[1:])
    # Hard-wrapped text: a capital at the start of a line is a coincidence.
    if going_on and going_on * 2 >= len(lines) - 1 and not any(map(_LIST_ITEM.match, lines)):
        return [joint.join(lines)]
    joined: list[list[str]] = []
    for line in lines:
        if joined and not _stands_alone(joined[-1][-1], line):
            joined[-1].append(line)
        else:
            joined.append([line])
    return [joint.join(each) for each in joined]


def _is_verse(lines: list[str]) -> bool:
    """Whether short lines are those of a poem: they pause, but are no sentences each."""
    if len(lines) < _MIN_VERSES or any(map(_LIST_ITEM.match, lines)):
        return False
    text = "".join(lines)
    is_dense = measure_for(text).is_by_characters
    longest, mean = max(map(len, lines)), len(text) / len(lines)
    is_short = longest <= (_MAX_CJK_VERSE if is_dense else _MAX_VERSE) and mean <= _MAX_MEAN_VERSE
    is_closed = _VERSE_PAUSE.search(lines[-1]) is not None
    has_pause = any(map(_VERSE_PAUSE.search, lines[:-1]))
    has_labels = any(map(re.compile(r"^[^:]{1,20}: ").match, lines))
    is_sentences = all(map(ends_sentence, lines))
    return is_short and is_closed and has_pause and not is_sentences and not has_labels


def _stands_alone(line: str, following: str) -> bool:
    """Whether a line is a heading or a list item, so that the next line is a new paragraph."""
    if _LIST_ITEM.match(following) or _NUMBERED.match(following):
        return True
    is_open = ends_sentence(line) or _OPEN_END.search(line) or is_connective(line.split()[-1])
    if is_open or starts_lower(following):
        return False
    measure = measure_for(line)
    if not _is_caseless(following):
        return measure.size(line) < measure.scale(_MIN_WORDS_WITHOUT_STOP)
    is_continued = _PARTICLE.search(line) or _NO_START.match(following)
    return not is_continued and measure.size(line) < measure.scale(_MIN_CASELESS_WORDS)


def _is_caseless(line: str) -> bool:
    """Whether the first letter of a line is of a script without capitals."""
    letter = next(filter(str.isalpha, line[:20]), "")
    return letter != "" and unicodedata.category(letter) == "Lo"
