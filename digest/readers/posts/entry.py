"""One entry of a document, with everything that it is compared by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from digest.models import ParsedPost
from digest.readers.feeds.dates import is_instant
from digest.text.html import bare_words
from digest.text.links import url_key
from digest.text.titles import title_key

#: A shorter text does not identify a post.
MIN_WORDS_CHARS = 40
_MAX_WORD_CHARS = 20
#: Characters of a text that are compared; the beginning is enough.
_MAX_COMPARED_CHARS = 20_000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A post of the document; its identifier is empty if it does not identify one post."""

    post: ParsedPost
    #: Key of its link; empty if the link does not identify one post.
    key: str

    @cached_property
    def words(self) -> str:
        """The words of its text, else of its summary, for comparison."""
        return bare_words(self.post.content_html or self.post.summary_html)

    @cached_property
    def terms(self) -> frozenset[str]:
        """The different words of its text."""
        return terms_of(self.words)

    @cached_property
    def title_key(self) -> str:
        """The key of its title."""
        return title_key(self.post.title)

    @cached_property
    def whole_link(self) -> str:
        """The key of its link with the fragment."""
        return url_key(self.post.url, keep_fragment=True)

    @cached_property
    def page(self) -> str:
        """The key of its link without the fragment."""
        return url_key(self.post.url)

    @property
    def has_fragment(self) -> bool:
        """Whether its link has a fragment."""
        return self.whole_link != self.page

    @cached_property
    def has_instant(self) -> bool:
        """Whether its date is an instant: it has a time of day other than midnight."""
        return is_instant(self.post.published_at, self.post.published_raw)

    @property
    def link_names(self) -> frozenset[str]:
        """Every key that the link of the same post may be stored with."""
        return frozenset(filter(None, (self.key, self.whole_link, self.page)))

    @cached_property
    def content_hash(self) -> str:
        """A hash of the visible content: title, link, author, picture and words.

        The number of comments and changes of the markup do not change it.
        """
        post = self.post
        seen = (post.title, post.url, post.author, post.image_url, self.words)
        return hashlib.sha256("\0".join(seen).encode()).hexdigest()


def terms_of(words: str) -> frozenset[str]:
    """Return the words; a very long one, of a script without spaces, as pairs of characters."""
    terms: set[str] = set()
    for word in words[:_MAX_COMPARED_CHARS].casefold().split():
        is_whole = len(word) <= _MAX_WORD_CHARS
        terms.update((word,) if is_whole else map("".join, pairwise(word)))
    return frozenset(terms)
