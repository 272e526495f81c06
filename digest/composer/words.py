"""The word lists under `data/`, read once, as matchers: the one place where this room opens files.

A folder is a language, a file a list, a line a word or phrase. A last `*` takes longer words too;
`#` begins a remark. Adding a language is adding a folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

_DATA = files("digest.composer") / "data"


@dataclass(frozen=True)
class Phrases:
    """A list of words and phrases, found as whole words in folded text."""

    entries: tuple[str, ...]

    @cached_property
    def _anywhere(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w)(?:{self.alternatives})")

    @cached_property
    def alternatives(self) -> str:
        """The list as alternatives of a regular expression; matches nothing where empty."""
        longest_first = sorted(self.entries, key=len, reverse=True)
        return "|".join(_as_pattern(entry) for entry in longest_first) or "(?!)"

    def find(self, text: str) -> str:
        """The first of them in `text`; empty where there is none."""
        found = self._anywhere.search(text)
        return found[0] if found else ""

    def find_all(self, text: str) -> frozenset[str]:
        """All of them in `text`, each once."""
        return frozenset(self._anywhere.findall(text))

    def begins(self, text: str) -> bool:
        """Whether `text` begins with one of them."""
        return self._anywhere.match(text) is not None


def _as_pattern(entry: str) -> str:
    stem = entry.removesuffix("*")
    if stem != entry:
        return re.escape(stem) + r"\w*"
    return re.escape(entry) + (r"(?!\w)" if entry[-1].isalnum() else "")


@dataclass(frozen=True)
class Frame:
    """A sentence that a plugin adds: how it begins, and what it goes on to say."""

    opening: str
    saying: str


@dataclass(frozen=True)
class Words:
    """The lists of one language; empty ones where it has none."""

    profanity: Phrases
    insults: Phrases
    slights: Phrases
    charges: Phrases
    attacks: Phrases
    praise: Phrases
    commerce: Phrases
    dissent: Phrases
    greetings: Phrases
    stopwords: frozenset[str]
    connectives: frozenset[str]

    @property
    def has_civility(self) -> bool:
        """Whether rudeness is known in this language; if not, stricter rules of shape stand in."""
        return bool(self.profanity.entries)


def words_for(language: str) -> Words:
    """The lists for a BCP 47 tag."""
    return _BY_LANGUAGE.get(language.split("-")[0].lower(), _NO_WORDS)


def _read_list(folder: Traversable, name: str) -> tuple[str, ...]:
    path = folder / f"{name}.txt"
    if not path.is_file():
        return ()
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _read_words(folder: Traversable) -> Words:
    return Words(
        profanity=Phrases(_read_list(folder, "profanity")),
        insults=Phrases(_read_list(folder, "insults")),
        slights=Phrases(_read_list(folder, "slights")),
        charges=Phrases(_read_list(folder, "charges")),
        attacks=Phrases(_read_list(folder, "attacks")),
        praise=Phrases(_read_list(folder, "praise")),
        commerce=Phrases(_read_list(folder, "commerce")),
        dissent=Phrases(_read_list(folder, "dissent")),
        greetings=Phrases(_read_list(folder, "greetings")),
        stopwords=frozenset(_read_list(folder, "stopwords")),
        connectives=frozenset(_read_list(folder, "connectives")),
    )


def _read_all(name: str) -> tuple[str, ...]:
    return tuple(entry for folder in _FOLDERS for entry in _read_list(folder, name))


def _read_frame(line: str) -> Frame:
    opening, _, saying = line.partition(" | ")
    return Frame(opening, saying)


_FOLDERS = tuple(
    sorted((each for each in _DATA.iterdir() if each.is_dir()), key=lambda each: each.name)
)
_BY_LANGUAGE = {folder.name: _read_words(folder) for folder in _FOLDERS}
_NO_WORDS = _read_words(_DATA / "none")

# A site's plugins speak their own language, so these hold for texts of every language.
BOILERPLATE = Phrases(_read_all("boilerplate"))
CAPTIONS = Phrases(_read_all("captions"))
FRAMES = tuple(_read_frame(line) for line in _read_all("frames"))
