"""The stored posts that entries are compared with, and which of them are found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cached_property

from digest.models import KnownPost
from digest.readers.posts.entry import Entry, terms_of
from digest.text.html import bare_words
from digest.text.links import url_key
from digest.text.titles import title_key


class Known(KnownPost):
    """A stored post that caches the words of its text: many entries are compared with it."""

    @classmethod
    def of(cls, known: KnownPost) -> Known:
        """Return a copy of `known` that can cache its words."""
        return cls(**{name: getattr(known, name) for name in KnownPost.__slots__})

    @cached_property
    def words(self) -> str:
        """The words of its text, for comparison."""
        return bare_words(self.html)

    @cached_property
    def terms(self) -> frozenset[str]:
        """The different words of its text."""
        return terms_of(self.words)

    @cached_property
    def title_key(self) -> str:
        """The key of its title."""
        return title_key(self.title)

    @cached_property
    def whole_link(self) -> str:
        """The key of its link with the fragment."""
        return url_key(self.url, keep_fragment=True)

    @cached_property
    def page(self) -> str:
        """The key of its link without the fragment."""
        return url_key(self.url)


class Found:
    """The stored posts found for the entries of a document, filled rule by rule."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self.posts: list[Known | None] = [None] * len(entries)
        self.taken: set[int] = set()

    @property
    def open(self) -> tuple[int, ...]:
        """The positions of the entries without a stored post."""
        return tuple(index for index, known in enumerate(self.posts) if known is None)

    def take(
        self,
        is_same: Callable[[Entry, Known], bool],
        candidates: defaultdict[Hashable, list[Known]],
        name: Callable[[Entry], Hashable],
    ) -> None:
        """Assign to each open entry the first free candidate of its name that is the same post.

        An entry with an empty name has no candidates.
        """
        for index in self.open if candidates else ():
            each = self.entries[index]
            named = name(each)
            near = candidates.get(named, ()) if named else ()
            for known in _same_link_first(near, each.key):
                if known.post_id not in self.taken and is_same(each, known):
                    self.pair(((index, known),))
                    break

    def pair(self, pairs: Iterable[tuple[int, Known]]) -> None:
        """Assign stored posts to entries, by position."""
        for index, known in pairs:
            self.posts[index] = known
            self.taken.add(known.post_id)


def _same_link_first(candidates: Sequence[Known], key: str) -> Iterator[Known]:
    """Yield the candidates in order, those with this link key before the others."""
    yield from (known for known in candidates if known.url_key == key)
    yield from (known for known in candidates if known.url_key != key)
