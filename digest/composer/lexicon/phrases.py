"""Lists of words and phrases as matchers: a long list is searched as fast as a short one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter


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
        """Yield the position of each of them in `text`."""
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
