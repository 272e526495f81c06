"""Frames: short patterns of words with slots, such as `{he|she} should be {punish}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from digest.composer.lexicon.fold import fold_plain
from digest.composer.lexicon.phrases import Phrases

_PARTS = re.compile(r"\{([^{}]*)\}|([^{}]+)")
_GAP = re.compile(r"\.\.\.(\d)")
_END_OF_SENTENCE = re.compile(r"[.!?…\n]")


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A pattern of words, with the examples that are its tests.

    `{a|b}` is a slot: one of the words; an empty one may be missing. `{name}` is a slot that the
    file defines. `{...3}` is a gap of at most three words. A last `*` takes longer words too. A
    frame begins with a word that may not be missing.
    """

    #: Unique in its file.
    id: str
    frame: str
    slots: Mapping[str, str]
    #: Words that make the frame harmless if they are in its sentence.
    unless: Phrases
    block: tuple[str, ...]
    allow: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The frame as a regular expression, for folded text."""
        parts = [_part_pattern(choices) for choices in self._parts]
        return re.compile(rf"(?<!\w){''.join(parts)}")

    @property
    def beginnings(self) -> tuple[str, ...]:
        """Phrases of which a text that fits the frame has at least one; empty before a gap."""
        first = self._parts[0]
        return () if isinstance(first, int) else tuple(first)

    def find(self, text: str) -> str:
        """Return the first words of folded `text` that fit the frame; empty if none do."""
        for found in self.pattern.finditer(text):
            if not self.unless.find(_sentence_around(text, found)):
                return found[0].strip()
        return ""

    @cached_property
    def _parts(self) -> tuple[Sequence[str] | int, ...]:
        """The parts in order: the words to choose from, or the length of a gap in words."""
        parts: list[Sequence[str] | int] = []
        for slot, plain in _PARTS.findall(self.frame):
            gap = _GAP.fullmatch(slot)
            if gap:
                parts.append(int(gap[1]))
            elif slot:
                words = self.slots.get(slot, slot)
                parts.append([fold_plain(word) for word in words.split("|")])
            elif plain.strip():
                parts.append([fold_plain(plain)])
        return tuple(parts)


def _part_pattern(choices: Sequence[str] | int) -> str:
    """Each part takes the white space after it, so that a missing one leaves no gap."""
    if isinstance(choices, int):
        return rf"(?:[\w'’,-]+ ){{0,{choices}}}"
    words = sorted(filter(None, choices), key=len, reverse=True)
    ways = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words)
    return rf"(?:(?:{ways})(?!\w),?(?: |(?=\W|$))){'?' if '' in choices else ''}"


def _sentence_around(text: str, found: re.Match[str]) -> str:
    before = _END_OF_SENTENCE.split(text[: found.start()])[-1]
    return before + found[0] + _END_OF_SENTENCE.split(text[found.end() :], maxsplit=1)[0]


def read_frames(table: Mapping[str, Any]) -> Iterator[Frame]:
    """Yield the frames of a file's table."""
    for each in table.get("frames", ()):
        yield Frame(
            id=each["id"],
            frame=each["frame"],
            slots=table.get("slots", {}),
            unless=Phrases(tuple(each.get("unless", ()))),
            block=tuple(each["block"]),
            allow=tuple(each["allow"]),
        )
