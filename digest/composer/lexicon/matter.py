"""The topic of a text, as the stems of its content words, and whether another text shares it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

_WORD_OF_NAME = re.compile(r"\w+")
_WORD = re.compile(r"[^\W\d_]{4,}")
# Two letters are enough where letters are syllables or words.
_UNSPACED_WORD = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]{2}")
_ARTICLE = re.compile(r"^(?:[وفبك]?ال|لل)(?=\w{3})")
_ENDING = re.compile(r"(?:ings?|ed|e?rs?|e?s|ly)$")
_DOUBLED = re.compile(r"([^\W\d_])\1$")
_MIN_STEM = 3
_MAX_STEM = 6
#: With fewer words known of a matter nobody can be told to be off it.
_MIN_KNOWN = 25
#: A comment that shares so many words with the post belongs to its thread.
_MIN_SHARED = 2
#: A word that so many comments use is of their matter, where that is all there is to go by.
_MIN_USES = 2
#: Read of each comment.
_MAX_CHARS = 4000


@dataclass(frozen=True, kw_only=True)
class Matter:
    """The topic of a post and of the thread under it."""

    #: Stems of the post's words.
    post: frozenset[str]
    #: The post's own words.
    text: str = ""
    #: Stems of the comments that speak of it.
    thread: frozenset[str] = frozenset()
    #: Words of the names of those who talk, in small letters.
    people: frozenset[str] = frozenset()

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Words that may be part of a name known here."""
        return self.people.union(_WORD_OF_NAME.findall(self.text.lower()))

    def shared_with(self, stems: frozenset[str]) -> int:
        """Count the stems of a text that the post or the thread has too."""
        return len(stems & (self.post | self.thread))

    def nearness_of(self, stems: frozenset[str]) -> float:
        """Likewise, but a word of the thread alone counts half."""
        in_post = len(stems & self.post)
        return in_post + (self.shared_with(stems) - in_post) / 2

    @property
    def is_known(self) -> bool:
        """Whether enough was said to judge what is off the matter."""
        return len(self.post) >= _MIN_KNOWN


def find_matter(
    post_text: str,
    comment_texts: Iterable[str],
    stopwords: frozenset[str],
    people: Iterable[str] = (),
) -> Matter:
    """Return the topic of a post and of the thread under it.

    A comment widens the matter only where it shares two words with the post, so that two copies
    of an advertisement are no thread. Where hardly anything is known of the post, the words that
    several comments use stand in for it.

    Args:
        post_text: title and text.
        comment_texts: of all comments.
        stopwords: of the post's language.
        people: the names of those who wrote post and comments.
    """
    post = stems_of(post_text, stopwords)
    talk = [stems_of(text[:_MAX_CHARS], stopwords) for text in comment_texts]
    used = Counter(stem for stems in (talk if len(post) < _MIN_KNOWN else ()) for stem in stems)
    widening = [stems for stems in talk if len(stems & post) >= _MIN_SHARED]
    common = {stem for stem, count in used.items() if count >= _MIN_USES}
    return Matter(
        post=post,
        text=post_text,
        thread=frozenset(common).union(*widening),
        people=frozenset(word for name in people for word in _WORD_OF_NAME.findall(name.lower())),
    )


def stems_of(text: str, stopwords: frozenset[str]) -> frozenset[str]:
    """The content words of `text`, cut so that endings matter little: taps and tapped are one."""
    words = (word for word in _WORD.findall(text.lower()) if word not in stopwords)
    return frozenset(map(_stem, words)) | frozenset(_UNSPACED_WORD.findall(text))


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    bare = _ENDING.sub("", _ARTICLE.sub("", word))
    if len(bare) < _MIN_STEM:
        return word
    return (_DOUBLED.sub(r"\1", bare) if len(bare) > _MIN_STEM else bare)[:_MAX_STEM]


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of stems that two texts have in common, 0 to 1 (Jaccard); 0 where both are empty."""
    return len(one & other) / max(1, len(one | other))
