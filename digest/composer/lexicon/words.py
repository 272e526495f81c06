"""The word lists under `data/`, read once, as matchers: the one place where this room opens files.

A folder is a language, a file a list, a line a word or phrase. A last `*` takes longer words too;
`#` begins a remark. Adding a language is adding a folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import groupby
from operator import itemgetter

from digest.text.excerpts import connectives_of
from digest.text.wordlists import list_languages, read_list

_DATA = files("digest.composer.lexicon") / "data"

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
        parted = _as_alternatives(each for each in self.entries if _is_parted(each[0]))
        others = _as_alternatives(each for each in self.entries if not _is_parted(each[0]))
        return re.compile(rf"(?<!\w)(?:{parted or '(?!)'})|(?:{others or '(?!)'})")

    @cached_property
    def alternatives(self) -> str:
        """The list as alternatives of a regular expression; matches nothing where empty."""
        return _as_alternatives(self.entries) or "(?!)"

    def find(self, text: str) -> str:
        """The first of them in `text`; empty where there is none."""
        found = self._anywhere.search(text)
        return found[0] if found else ""

    def find_all(self, text: str) -> frozenset[str]:
        """All of them in `text`, each once."""
        return frozenset(self._anywhere.findall(text))

    def locate(self, text: str) -> Iterator[int]:
        """Where they stand in `text`."""
        return (found.start() for found in self._anywhere.finditer(text))

    def first(self, text: str) -> str:
        """The one that `text` begins with; empty where there is none."""
        found = self._anywhere.match(text)
        return found[0] if found else ""

    def begins(self, text: str) -> bool:
        """Whether `text` begins with one of them."""
        return self._anywhere.match(text) is not None


def _as_alternatives(entries: Iterable[str]) -> str:
    """Beginnings that entries share are written once: a long list is searched as fast as a short.

    Where one entry begins another, the longer one is tried first.
    """
    by_letter = groupby(sorted(set(filter(None, entries))), key=itemgetter(0))
    return "|".join(_as_branch(list(group)) for _, group in by_letter)


def _as_branch(entries: list[str]) -> str:
    head = _shared_beginning(min(entries), max(entries)).removesuffix("*")
    endings = [entry.removeprefix(head) for entry in entries]
    ends = {"*": r"\w*", "": r"(?!\w)" if _is_parted(head[-1]) else ""}
    longer = _as_alternatives(each for each in endings if each not in ends)
    ways = [longer] * bool(longer) + [ends[each] for each in ("*", "") if each in endings]
    return re.escape(head) + (
        ways[0] if ways == [ends.get(endings[0])] else f"(?:{'|'.join(ways)})"
    )


def _is_parted(char: str) -> bool:
    """Whether words of its script are parted; Chinese and Japanese ones are found inside a text."""
    return char.isalnum() and not "\u3040" <= char <= "\u9fff"


def _shared_beginning(one: str, other: str) -> str:
    pairs = enumerate(zip(one, other, strict=False))
    return one[: next((at for at, (a, b) in pairs if a != b), len(one))]


@dataclass(frozen=True)
class Frame:
    """A sentence that a plugin adds: how it begins, and what it goes on to say."""

    opening: str
    saying: str


@dataclass(frozen=True)
class Words:
    """The lists of one language; empty ones where it has none.

    What is rude, and what is sold, is known in every language whatever the text is in, but for
    words that mean nothing bad in this one (`innocent.txt`).
    """

    profanity: Phrases
    insults: Phrases
    commerce: Phrases
    #: What people who sell something call themselves.
    trades: Phrases
    #: What sellers say of themselves: one is enough.
    pitches: Phrases
    #: What stands where a reader's words are missing.
    placeholders: Phrases
    slights: Phrases
    charges: Phrases
    #: Of whom contempt is said: `you are`.
    aims: Phrases
    attacks: Phrases
    #: Words of moral contempt, which in one sentence with a person are said of the person.
    harsh: Phrases
    #: What is contempt right before or behind a person: `lazy` before one of `persons`.
    epithets: Phrases
    persons: Phrases
    #: Names of peoples, generations and other others, and what is said of all of them at once.
    labels: Phrases
    generals: Phrases
    #: Of crimes, which nobody may lay to a person's charge in a comment.
    accusations: Phrases
    #: Hints, which are slander near the name of a stranger.
    suspicions: Phrases
    #: Of which there is one in a place, so that it is as good as a name.
    offices: Phrases
    #: Stock phrases of what a machine writes.
    machine: Phrases
    #: What contented customers say.
    testimonials: Phrases
    praise: Phrases
    #: Thanks, wishes, compliments: what is said to the author and to nobody else.
    pleasantries: Phrases
    #: Words said to one person: `your post`, `can you`.
    addresses: Phrases
    #: How a reply begins that nobody understands without what it answers.
    leanings: Phrases
    #: How an experience, a reason or a source is given.
    grounds: Phrases
    dissent: Phrases
    greetings: Phrases
    stopwords: frozenset[str]
    #: Whether rudeness is known in this language; if not, stricter rules of shape stand in.
    has_civility: bool

    @cached_property
    def suspect(self) -> Phrases:
        """All that may make a text rude: without any of it nothing has to be looked at closely."""
        return _join(self.profanity, self.insults, self.slights, self.charges, self.attacks)

    @cached_property
    def scornful(self) -> Phrases:
        """Likewise of scorn for persons and peoples."""
        return _join(self.harsh, self.epithets, self.labels)

    @cached_property
    def dubious(self) -> Phrases:
        """Likewise of slander."""
        return _join(self.accusations, self.suspicions, self.harsh)

    @cached_property
    def bought(self) -> Phrases:
        """All that may make a text a machine's or a customer's."""
        return _join(self.machine, self.testimonials)


def _join(*lists: Phrases) -> Phrases:
    return Phrases(tuple(entry for each in lists for entry in each.entries))


def words_for(language: str) -> Words:
    """The lists for a BCP 47 tag."""
    name = base_of(language)
    return _words_of(name if name in _FOLDERS else "none")


def base_of(language: str) -> str:
    """The language of a BCP 47 tag: `de` of `de-AT`."""
    return language.split("-")[0].lower()


@cache  # read only when a text is in it: all of them take 2 MB and 15 ms
def _words_of(name: str) -> Words:
    return _read_words(_DATA / name)


def _read_words(folder: Traversable) -> Words:
    # Where the language is not known, a word that is innocent anywhere is.
    innocent = read_list(folder, "innocent") if folder.is_dir() else _read_all("innocent")
    everywhere = {
        name: Phrases(tuple(each for each in _read_all(name) if each not in innocent))
        for name in ("profanity", "insults", "commerce", "trades", "pitches", "placeholders")
    }
    own = {
        name: Phrases(read_list(folder, name))
        for name in """slights charges aims attacks harsh epithets persons labels generals
            accusations suspicions offices machine testimonials praise pleasantries addresses
            leanings grounds dissent greetings""".split()  # noqa: SIM905
    }
    return Words(
        **everywhere,
        **own,
        stopwords=frozenset(read_list(folder, "stopwords")),
        has_civility=bool(read_list(folder, "profanity")),
    )


@cache  # else each language would read the files of all
def _read_all(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(e for folder in _FOLDERS.values() for e in read_list(folder, name)))


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


_FOLDERS = {folder.name: folder for folder in list_languages(_DATA)}

# A site's plugins speak their own language, so these hold for texts of every language.
BOILERPLATE = Phrases(_read_folded("boilerplate"))
CAPTIONS = Phrases(_read_folded("captions"))
BYLINES = Phrases(_read_folded("bylines"))
AGENCIES = Phrases(_read_folded("agencies"))
#: Names that are nobody's.
NOBODY = frozenset(_read_folded("nobody"))
#: Before a colon: what a commenter added later.
EDITS = Phrases(_read_folded("edits"))
#: The line that a telephone adds: it was sent, and from which device.
SENT = Phrases(_read_folded("sent"))
DEVICES = Phrases(_read_folded("devices"))
FRAMES = tuple(_read_frame(line) for line in _read_all("frames"))

#: What each language is known by, where enough is.
COMMON_WORDS = {
    name: frozenset(stopwords) | connectives_of(name)
    for name, folder in _FOLDERS.items()
    if (stopwords := read_list(folder, "stopwords"))
}
