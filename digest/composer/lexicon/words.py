"""The word lists of each language, read when first needed.

A folder of `data/` is a language. A text file is a list with one word or phrase on each line: a
last `*` takes longer words too, `#` begins a remark. The TOML files are the gate's
(`lexicon.classes`). To add a language, add a folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from digest.composer.lexicon.classes import (
    WordClass,
    read_class,
    read_words,
    read_words_of_all,
    without,
)
from digest.composer.lexicon.phrases import Phrases
from digest.text.excerpts import connectives_of
from digest.text.wordlists import list_languages, read_list

_DATA = files("digest.composer.lexicon") / "data"

_ONE_KIND = str.maketrans(
    {"’": "'", "‘": "'", "\xa0": " ", "\u202f": " ", "أ": "ا", "إ": "ا", "آ": "ا"}
)
_ARABIC_SIGNS = re.compile(r"[\u0640\u064b-\u0652]")


@dataclass(frozen=True)
class PluginFrame:
    """A sentence that a plugin adds: how it begins, and how it continues."""

    opening: str
    saying: str


@dataclass(frozen=True)
class Words:
    """The lists of one language; empty lists if it has none.

    Profanity, slurs, insults and what is sold are known in every language whatever the text is
    in, except words that are harmless in this one (`innocent.txt`).
    """

    #: Printed in no letter.
    profanity: Phrases
    #: Profanity that an editor may let pass.
    mild: Phrases
    slurs: WordClass
    insults: WordClass
    #: Words of contempt.
    slights: Phrases
    #: Words that address a person: `you`.
    addressed: Phrases
    threats: WordClass
    offers: Phrases
    #: What people who sell something call themselves.
    trades: Phrases
    #: What is left where a reader's words are missing.
    placeholders: Phrases
    #: Praise that fits any post.
    praise: Phrases
    #: Thanks, wishes, compliments: addressed to the author alone.
    pleasantries: Phrases
    #: Words to one person: `your post`, `can you`.
    addresses: Phrases
    #: Beginnings of replies that are not understood without the comment they answer.
    leanings: Phrases
    #: Words that introduce an experience, a reason or a source.
    grounds: Phrases
    dissent: Phrases
    greetings: Phrases
    stopwords: frozenset[str]
    #: Whether rudeness is known in this language; if not, the rules of form are stricter.
    has_civility: bool

    @cached_property
    def rude(self) -> Phrases:
        """All words and beginnings of frames that are rude: a text without any is civil."""
        lists = (self.profanity, self.mild, self.slurs.words, self.insults.words)
        return Phrases(tuple(entry for each in lists for entry in each.entries))


def words_for(language: str) -> Words:
    """Return the lists for a BCP 47 tag."""
    name = base_of(language)
    return _words_of(name if name in _folders() else "")


def base_of(language: str) -> str:
    """Return the language of a BCP 47 tag: `de` of `de-AT`."""
    return language.split("-")[0].lower()


@cache  # read only when a text is in it: all of them take 2 MB and 15 ms
def _words_of(name: str) -> Words:
    # If the language is not known, a word that is harmless in any language is.
    innocent = _read(name, "innocent") if name else _read_all("innocent")

    def everywhere(kind: str, key: str = "words") -> Phrases:
        return without(read_words_of_all(kind, key), innocent)

    own = {
        kind: Phrases(_read(name, kind))
        for kind in ("pleasantries", "addresses", "leanings", "grounds", "dissent", "greetings")
    }
    return Words(
        profanity=everywhere("profanity"),
        mild=everywhere("profanity", "mild"),
        slurs=WordClass(everywhere("slurs"), read_class(name, "slurs").frames),
        insults=WordClass(everywhere("insults"), read_class(name, "insults").frames),
        slights=Phrases(read_words(name, "slights")),
        addressed=Phrases(read_words(name, "slights", "addressed")),
        threats=read_class(name, "threats"),
        offers=everywhere("offers"),
        trades=everywhere("trades"),
        placeholders=everywhere("placeholders"),
        praise=Phrases(read_words(name, "praise")),
        **own,
        stopwords=_small_words(name),
        has_civility=bool(read_words(name, "profanity")),
    )


def _small_words(language: str) -> frozenset[str]:
    """Return the words that say nothing of a topic; the list has several on each line."""
    return frozenset(word for line in _read(language, "stopwords") for word in line.split())


def _read(language: str, name: str) -> tuple[str, ...]:
    folder = _folders().get(language)
    return read_list(folder, name) if folder else ()


@cache  # else each language would read the files of all
def _read_all(name: str) -> tuple[str, ...]:
    found = (each for folder in _folders().values() for each in read_list(folder, name))
    return tuple(dict.fromkeys(found))


@cache
def _folders() -> dict[str, Traversable]:
    return {folder.name: folder for folder in list_languages(_DATA)}


def read_folded(name: str) -> tuple[str, ...]:
    """Return one list of all languages, folded as `fold_phrase` does."""
    return tuple(dict.fromkeys(fold_phrase(entry) for entry in _read_all(name)))


def fold_phrase(text: str) -> str:
    """Return `text` as phrases of the site are compared: lower case, one kind of apostrophe.

    Arabic loses the vowel signs and the hamza on alef, which are optional in writing.
    """
    return _ARABIC_SIGNS.sub("", text.lower().translate(_ONE_KIND))


class SitePhrases(Phrases):
    """A list of all languages that is read when it is first used.

    A site's plugins have their own language, so these lists apply to texts of every language.
    """

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "name", name)

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """The entries of the list."""
        return read_folded(self.name)  # type: ignore[attr-defined]  # set above


BOILERPLATE = SitePhrases("boilerplate")
CAPTIONS = SitePhrases("captions")
BYLINES = SitePhrases("bylines")
AGENCIES = SitePhrases("agencies")
#: Before a colon: labels of what a commenter added later.
EDITS = SitePhrases("edits")
#: The line that a telephone adds: that it was sent, and from which device.
SENT = SitePhrases("sent")
DEVICES = SitePhrases("devices")


@cache
def nameless() -> frozenset[str]:
    """Return names that belong to no person: anonymous, guest."""
    return frozenset(read_folded("nobody"))


@cache
def plugin_frames() -> tuple[PluginFrame, ...]:
    """Return the sentences that plugins add."""
    return tuple(_read_frame(line) for line in _read_all("frames"))


def _read_frame(line: str) -> PluginFrame:
    opening, _, saying = line.partition("| ")
    return PluginFrame(opening.strip(), saying)


@cache
def common_words() -> dict[str, frozenset[str]]:
    """Return the small words of each language that has a list of them."""
    return {
        name: small | connectives_of(name) for name in _folders() if (small := _small_words(name))
    }
