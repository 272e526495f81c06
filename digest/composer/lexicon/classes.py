"""The gate's lists: one TOML file for each class and language, read when first needed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from digest.composer.lexicon.frames import Frame, read_frames
from digest.composer.lexicon.phrases import Phrases
from digest.text.wordlists import list_languages

_DATA = files("digest.composer.lexicon") / "data"

#: The classes that the gate has.
CLASSES = (
    "profanity", "slurs", "insults", "slights", "threats", "offers", "trades", "praise",
    "placeholders", "contact", "links",
)  # fmt: skip


@dataclass(frozen=True)
class WordClass:
    """The words and frames of one class."""

    words: Phrases
    frames: tuple[Frame, ...] = ()

    def find(self, text: str) -> str:
        """Return the first word or frame in folded `text`; empty if there is none."""
        return self.words.find(text) or self._find_frame(text)

    def _find_frame(self, text: str) -> str:
        if not self.frames or not self._beginnings.find(text):
            return ""
        return next(filter(None, (frame.find(text) for frame in self.frames)), "")

    @cached_property
    def _beginnings(self) -> Phrases:
        return Phrases(tuple(each for frame in self.frames for each in frame.beginnings))


@cache
def read_class(language: str, name: str) -> WordClass:
    """Return a class as one language has it; without words if the language has no such file."""
    return WordClass(
        Phrases(read_words(language, name)), tuple(read_frames(_table(language, name)))
    )


@cache
def read_words(language: str, name: str, key: str = "words") -> tuple[str, ...]:
    """Return one list of a class; empty if the language has no such list.

    Its entries are separated by `|` or by a new line.
    """
    text = str(_table(language, name).get(key, ""))
    entries = (entry.strip() for line in text.splitlines() for entry in line.split("|"))
    return tuple(filter(None, entries))


@cache
def read_words_of_all(name: str, key: str = "words") -> tuple[str, ...]:
    """Return one list of a class in all languages, each entry once."""
    found = (read_words(language, name, key) for language in gate_languages())
    return tuple(dict.fromkeys(each for words in found for each in words))


@cache
def gate_languages() -> tuple[str, ...]:
    """Return the folders of languages; `und` has what belongs to no language."""
    return tuple(folder.name for folder in list_languages(_DATA))


def without(entries: Iterable[str], innocent: Iterable[str]) -> Phrases:
    """Return a list without the entries that are innocent in a language."""
    kept = set(innocent)
    return Phrases(tuple(each for each in entries if each not in kept))


@cache
def _table(language: str, name: str) -> dict[str, Any]:
    path = _DATA / language / f"{name}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
