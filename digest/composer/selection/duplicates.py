"""Finds posts that report the same story, from their titles and texts, in any language.

A repeated story is only annoying, but a story hidden behind another is lost. So two posts are
two stories unless they are clearly the same.
"""

from __future__ import annotations

import html as entities
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil

from digest.composer.lexicon.matter import likeness, stems_of
from digest.models import Candidate, Post
from digest.text.html import bare_words
from digest.text.titles import title_key

#: Share of the shorter text's runs in the other text: they are the same, or one begins the other.
_SAME_TEXT = 0.6
#: A shorter text, of less than about twenty words, is not compared.
_MIN_RUNS = 18
#: The length of an article; texts that are published again each day are shorter.
_MANY_RUNS = 98
#: Share within one feed; higher because its notices of two events are similar, too.
_WHOLE = 0.9
#: Share of words that two titles of one event have in common.
_SAME_TITLE = 0.7
#: Below this share of common title words, one post may only quote the other.
_OTHER_TITLE = 0.3
#: Shorter titles are names and not news: "Open thread", "Weekly links".
_MIN_TITLE_WORDS = 3
#: Share of the shorter text's content words in the other: two reports of one event.
_SAME_MATTER = 0.25
_MIN_MATTER = 8
#: The longest time between two reports of one event; shorter without texts to compare.
_NEWS = timedelta(days=3)
_SOON = timedelta(days=2)
#: A later post of the same feed belongs to the next day.
_SAME_DAY = timedelta(hours=20)
#: A run or word in more stories than this is common to all posts and proves nothing.
_MAX_SHARED = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The posts of one story, in order of `seq`; usually only one."""

    members: tuple[Candidate, ...]


def group_stories(candidates: Iterable[Candidate]) -> tuple[Group, ...]:
    """Group the posts that report the same story. The order of the input does not matter.

    Each post is compared only with the first post of a story, so that similarity is not
    transitive: if A is like B and B like C, A and C may be two stories. Takes linear time unless
    all posts are similar.
    """
    ordered = sorted(candidates, key=lambda each: each.post.seq)
    traits = [traits_of(each.post) for each in ordered]
    firsts = _Firsts(traits)
    groups: dict[int, list[Candidate]] = {}
    for number, candidate in enumerate(ordered):
        first = firsts.find(number)
        if first is None:
            firsts.add(number)
            groups[number] = [candidate]
        else:
            groups[first].append(candidate)
    return tuple(Group(members=tuple(members)) for members in groups.values())


class _Firsts:
    """The first post of each story so far, indexed by runs and by rare title words."""

    def __init__(self, traits: Sequence[Traits]) -> None:
        self._traits = traits
        self._by_run: defaultdict[str, list[int]] = defaultdict(list)
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._frequency = Counter(word for each in traits for word in each.title)

    def add(self, number: int) -> None:
        """Add the first post of a story."""
        for run in self._traits[number].runs:
            self._by_run[run].append(number)
        for word in self._rarest_words(number):
            self._by_word[word].append(number)

    def find(self, number: int) -> int | None:
        """Return the earliest first post with the same story; None if there is none."""
        traits = self._traits[number]
        found = (
            first for first in self._near(number) if tell_the_same(self._traits[first], traits)
        )
        return next(found, None)

    def _near(self, number: int) -> list[int]:
        shared: Counter[int] = Counter()
        for run in self._by_run.keys() & self._traits[number].runs:
            if len(self._by_run[run]) <= _MAX_SHARED:
                shared.update(self._by_run[run])
        near = {first for first, count in shared.items() if count >= _MIN_RUNS * _SAME_TEXT}
        for word in self._rarest_words(number):
            near.update(self._by_word.get(word, ())[-_MAX_SHARED:])
        return sorted(near)

    def _rarest_words(self, number: int) -> Iterator[str]:
        """Yield the rarest title words; two similar titles share at least one of them."""
        words = sorted(self._traits[number].title, key=lambda each: (self._frequency[each], each))
        yield from words[: len(words) - ceil(_SAME_TITLE * len(words)) + 1]


def tell_the_same(one: Traits, other: Traits) -> bool:
    """Whether two posts report the same story; the order of the two does not matter.

    Two posts of one feed do so only if their texts are the same: an open thread has the same
    title each day. A different number (a day, a part, a count) always means two stories.
    """
    if not (one.numbers <= other.numbers or other.numbers <= one.numbers):
        return False
    if one.feed_url == other.feed_url:
        return _is_told_again(one, other)
    return _have_one_text(one, other) or _report_one_event(one, other)


def _is_told_again(one: Traits, other: Traits) -> bool:
    """Whether a feed published a post twice, perhaps with an additional word in its title."""
    shortest = min(len(one.runs), len(other.runs))
    if one.numbers != other.numbers or shortest < _MIN_RUNS:
        return False
    if not (one.title <= other.title or other.title <= one.title):
        return False
    is_soon = _apart(one, other) <= _SAME_DAY
    return (is_soon or shortest >= _MANY_RUNS) and _share(one.runs, other.runs) >= _WHOLE


def _have_one_text(one: Traits, other: Traits) -> bool:
    if min(len(one.runs), len(other.runs)) < _MIN_RUNS:
        return False
    if likeness(one.title, other.title) < _OTHER_TITLE:
        return likeness(one.runs, other.runs) >= _SAME_TEXT
    return _share(one.runs, other.runs) >= _SAME_TEXT


def _report_one_event(one: Traits, other: Traits) -> bool:
    """Whether two feeds report one event in different words, under nearly the same title."""
    if min(len(one.title), len(other.title)) < _MIN_TITLE_WORDS:
        return False
    if likeness(one.title, other.title) < _SAME_TITLE:
        return False
    about, about_other = matter_of(one.words), matter_of(other.words)
    if min(len(about), len(about_other)) < _MIN_MATTER:
        return one.title == other.title and _apart(one, other) <= _SOON
    named, named_other = matter_of(one.title), matter_of(other.title)
    if named - named_other - about_other and named_other - named - about:
        # Each title names a person or a day that the other post does not mention.
        return False
    named |= named_other
    return (
        _share(about - named, about_other - named) >= _SAME_MATTER and _apart(one, other) <= _NEWS
    )


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of the smaller set that is in the other, 0 to 1."""
    return len(one & other) / max(1, min(len(one), len(other)))


def _apart(one: Traits, other: Traits) -> timedelta:
    return abs(one.published_at - other.published_at)


#: Characters read of a text, with markup and without: more than its first 200 words.
_MAX_HTML = 8_000
_MAX_TEXT = 2_000
_MAX_TITLE = 500
#: A word counts as much as three characters of Japanese, Chinese or Thai.
_WEIGHT_OF_WORD = 3
_MAX_WEIGHT = 600
_PAIR = 2

# In scripts without spaces between words, each character is a token.
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
_BEGINS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
# Katakana, Han, Thai and Lao; hiragana is mostly used for endings.
_CONTENT = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u30a0-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_NUMBER = re.compile(r"\d+")
_THOUSANDS = re.compile(r"(?<=\d)[.,’' ](?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """The properties of a post that are compared."""

    feed_url: str
    published_at: datetime
    #: Folded words of the title without the site's name; unspaced scripts as character pairs.
    title: frozenset[str]
    #: Numbers in the title: a date, a part, a count.
    numbers: frozenset[str]
    #: Every three consecutive words (or characters) of the first 200 words.
    runs: frozenset[str]
    #: The first 200 words; unspaced scripts also as character pairs.
    words: frozenset[str]


@lru_cache(maxsize=2_000)
def matter_of(words: frozenset[str]) -> frozenset[str]:
    """Return the content words as stems; for unspaced scripts, as pairs of characters."""
    apart = [word for word in words if is_unspaced(word)]
    pairs = (word for word in apart if len(word) == _PAIR and all(map(_CONTENT.match, word)))
    spaced = " ".join(word for word in words if not is_unspaced(word))
    return stems_of(spaced, frozenset()) | frozenset(pairs)


def is_unspaced(word: str) -> bool:
    """Whether a word is in a script without spaces between words."""
    return not word.isascii() and bool(_BEGINS_UNSPACED.match(word))


def traits_of(post: Post) -> Traits:
    """Return the properties of a post that are compared."""
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
    """Return the title's words without the site's name before or after them."""
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
