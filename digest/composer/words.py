"""The word lists under `data/`, read once, as matchers: the one place where this room opens files.

A folder is a language, a file a list, a line a word or phrase. A last `*` takes longer words too;
`#` begins a remark. Adding a language is adding a folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from digest.text.wordlists import list_languages, read_list

_DATA = files("digest.composer") / "data"

_ONE_KIND = str.maketrans(
    {"’": "'", "‘": "'", "\xa0": " ", "\u202f": " ", "أ": "ا", "إ": "ا", "آ": "ا"}
)
_ARABIC_SIGNS = re.compile(r"[\u0640\u064b-\u0652]")


@dataclass(frozen=True)
class Phrases:
    """A list of words and phrases, found as whole words in folded text."""

    entries: tuple[str, ...]

    @cached_property
    def _anywhere(self) -> re.Pattern[str]:
        # One look behind for all: a look in each would make the search forty times slower.
        parted = _alternatives(entry for entry in self.entries if _is_parted(entry[0]))
        others = _alternatives(entry for entry in self.entries if not _is_parted(entry[0]))
        return re.compile(rf"(?<!\w)(?:{parted})|(?:{others})")

    @cached_property
    def alternatives(self) -> str:
        """The list as alternatives of a regular expression; matches nothing where empty."""
        return _alternatives(self.entries)

    def find(self, text: str) -> str:
        """The first of them in `text`; empty where there is none."""
        found = self._anywhere.search(text)
        return found[0] if found else ""

    def find_all(self, text: str) -> frozenset[str]:
        """All of them in `text`, each once."""
        return frozenset(self._anywhere.findall(text))

    def first(self, text: str) -> str:
        """The one that `text` begins with; empty where there is none."""
        found = self._anywhere.match(text)
        return found[0] if found else ""

    def begins(self, text: str) -> bool:
        """Whether `text` begins with one of them."""
        return self._anywhere.match(text) is not None


def _alternatives(entries: Iterable[str]) -> str:
    longest_first = sorted(entries, key=len, reverse=True)
    return "|".join(_as_pattern(entry) for entry in longest_first) or "(?!)"


def _as_pattern(entry: str) -> str:
    stem = entry.removesuffix("*")
    if stem != entry:
        return re.escape(stem) + r"\w*"
    return re.escape(entry) + (r"(?!\w)" if _is_parted(entry[-1]) else "")


def _is_parted(char: str) -> bool:
    """Whether words of its script are parted; Chinese and Japanese ones are found inside a text."""
    return char.isalnum() and not "\u3040" <= char <= "\u9fff"


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

    @property
    def has_civility(self) -> bool:
        """Whether rudeness is known in this language; if not, stricter rules of shape stand in."""
        return bool(self.profanity.entries)


def words_for(language: str) -> Words:
    """The lists for a BCP 47 tag."""
    return _BY_LANGUAGE.get(language.split("-")[0].lower(), _NO_WORDS)


def _read_words(folder: Traversable) -> Words:
    return Words(
        profanity=Phrases(read_list(folder, "profanity")),
        insults=Phrases(read_list(folder, "insults")),
        slights=Phrases(read_list(folder, "slights")),
        charges=Phrases(read_list(folder, "charges")),
        attacks=Phrases(read_list(folder, "attacks")),
        praise=Phrases(read_list(folder, "praise")),
        commerce=Phrases(read_list(folder, "commerce")),
        dissent=Phrases(read_list(folder, "dissent")),
        greetings=Phrases(read_list(folder, "greetings")),
        stopwords=frozenset(read_list(folder, "stopwords")),
    )


def _read_all(name: str) -> tuple[str, ...]:
    return tuple(entry for folder in _FOLDERS for entry in read_list(folder, name))


def _read_folded(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold_phrase(entry) for entry in _read_all(name)))


def _read_frame(line: str) -> Frame:
    opening, _, saying = line.partition("| ")
    return Frame(opening.strip(), saying)


def fold_phrase(text: str) -> str:
    """Give `text` as phrases of the site are compared: lower case, one kind of apostrophe.

    Arabic loses the vowel signs and the hamza on alef, which are written or not as one likes.
    """
    return _ARABIC_SIGNS.sub("", text.lower().translate(_ONE_KIND))


_FOLDERS = list_languages(_DATA)
_BY_LANGUAGE = {folder.name: _read_words(folder) for folder in _FOLDERS}
_NO_WORDS = _read_words(_DATA / "none")

# A site's plugins speak their own language, so these hold for texts of every language.
BOILERPLATE = Phrases(_read_folded("boilerplate"))
CAPTIONS = Phrases(_read_folded("captions"))
BYLINES = Phrases(_read_folded("bylines"))
AGENCIES = Phrases(_read_folded("agencies"))
FRAMES = tuple(_read_frame(line) for line in _read_all("frames"))
