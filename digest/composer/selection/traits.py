"""What tells a post's story from another's: the words of its title, and how its text begins."""

from __future__ import annotations

import html as entities
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from digest.composer.lexicon.matter import stems_of
from digest.models import Post
from digest.text.html import bare_words
from digest.text.titles import title_key

#: Read of a text, with its markup and without: more than its first 200 words.
_MAX_HTML = 8_000
_MAX_TEXT = 2_000
_MAX_TITLE = 500
#: A word counts as three characters of Japanese, Chinese or Thai.
_WEIGHT_OF_WORD = 3
_MAX_WEIGHT = 600
_PAIR = 2

# Where words are not parted by spaces, each character stands for itself.
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_BEGINS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
# Katakana, Han, Thai and Lao; hiragana is mostly endings.
_CONTENT = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u30a0-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_NUMBER = re.compile(r"\d+")
_THOUSANDS = re.compile(r"(?<=\d)[.,’' ](?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What two posts are compared by."""

    feed_url: str
    published_at: datetime
    #: Of the title, folded, without the site's name; unspaced scripts in pairs of characters.
    title: frozenset[str]
    #: In the title: a date, a part, a count.
    numbers: frozenset[str]
    #: Every three words (or characters) in a row of the first 200 words.
    runs: frozenset[str]
    #: Those words; unspaced scripts in pairs of characters.
    words: frozenset[str]


@lru_cache(maxsize=2_000)
def matter_of(words: frozenset[str]) -> frozenset[str]:
    """Give the content words, in any order: stems, and of unspaced scripts pairs of characters."""
    apart = [word for word in words if is_unspaced(word)]
    pairs = (word for word in apart if len(word) == _PAIR and all(map(_CONTENT.match, word)))
    spaced = " ".join(word for word in words if not is_unspaced(word))
    return stems_of(spaced, frozenset()) | frozenset(pairs)


def is_unspaced(word: str) -> bool:
    """Whether a word is of a script that parts no words."""
    return not word.isascii() and bool(_BEGINS_UNSPACED.match(word))


def traits_of(post: Post) -> Traits:
    """Read what a post is compared by."""
    key = _bare_title(post)
    html = (post.content_html or post.summary_html)[:_MAX_HTML]
    tokens = _first_tokens(entities.unescape(bare_words(html)))
    return Traits(
        feed_url=post.feed_url,
        published_at=post.published_at,
        title=frozenset(_words_of(key)),
        numbers=frozenset(number.lstrip("0") or "0" for number in _NUMBER.findall(key)),
        runs=frozenset(map(" ".join, zip(tokens, tokens[1:], tokens[2:], strict=False))),
        words=frozenset(tokens).union(_pairs_of(tokens)),
    )


def _bare_title(post: Post) -> str:
    """The title's words, without the name of the site before or after them."""
    title = unicodedata.normalize("NFKC", post.title[:_MAX_TITLE])
    key, site = title_key(_THOUSANDS.sub("", title)), title_key(post.feed_title)
    shorter = key.removesuffix(f" {site}").removeprefix(f"{site} ") if site else key
    return shorter.strip() or key


def _words_of(key: str) -> Iterator[str]:
    for word in _WORD.findall(key):
        if not _TOKEN.fullmatch(word):
            yield from map("".join, pairwise(word))
        else:
            yield word


def _first_tokens(text: str) -> list[str]:
    tokens, weight = [], 0
    for token in _TOKEN.findall(unicodedata.normalize("NFKC", text[:_MAX_TEXT]).casefold()):
        weight += 1 if is_unspaced(token) else _WEIGHT_OF_WORD
        if weight > _MAX_WEIGHT:
            break
        tokens.append(token)
    return tokens


def _pairs_of(tokens: list[str]) -> Iterator[str]:
    return (
        one + other for one, other in pairwise(tokens) if is_unspaced(one) and is_unspaced(other)
    )
