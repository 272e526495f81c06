"""Posts that tell one story: found by their titles and texts, in any language.

A story told twice is a nuisance; a story hidden behind another is lost. So in doubt two posts are
two stories.
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

#: Of the runs of the shorter text, so many are in the other: one is the other, or its beginning.
_SAME_TEXT = 0.6
#: A shorter text proves nothing: about twenty words.
_MIN_RUNS = 18
#: An article; what is set out anew each day is shorter.
_MANY_RUNS = 98
#: Within one feed: its notices of two events are written alike, too.
_WHOLE = 0.9
#: Of the words of two titles, so many are in both.
_SAME_TITLE = 0.7
#: Titles so unlike say that one post may be quoting the other.
_OTHER_TITLE = 0.3
#: "Open thread", "Weekly links": shorter titles are names, not news.
_MIN_TITLE_WORDS = 3
#: Of what the shorter text is about, so much is in the other: two reports of one event.
_SAME_MATTER = 0.25
_MIN_MATTER = 8
#: News is told by all within so long; without texts to compare, sooner.
_NEWS = timedelta(days=3)
_SOON = timedelta(days=2)
#: What one feed brings the next day is the next day's.
_SAME_DAY = timedelta(hours=20)
#: What more stories share than these is what every post says.
_MAX_SHARED = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The posts that tell one story, in order of `seq`; mostly one alone."""

    members: tuple[Candidate, ...]


def group_stories(candidates: Iterable[Candidate]) -> tuple[Group, ...]:
    """Put the posts together that tell the same. The order of the input does not matter.

    Each is compared with the first of a story only, so that likeness is not passed on: where A is
    like B and B like C, A and C may be two stories. Takes linear time unless all are alike.
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
    """The first post of each story so far, by what others like it must share with it."""

    def __init__(self, traits: Sequence[Traits]) -> None:
        self._traits = traits
        self._by_run: defaultdict[str, list[int]] = defaultdict(list)
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._frequency = Counter(word for each in traits for word in each.title)

    def add(self, number: int) -> None:
        """Note the first post of a story."""
        for run in self._traits[number].runs:
            self._by_run[run].append(number)
        for word in self._rarest_words(number):
            self._by_word[word].append(number)

    def find(self, number: int) -> int | None:
        """Give the earliest first post that tells what this one tells."""
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
        """Two titles that are alike share one of so many of their rarest words."""
        words = sorted(self._traits[number].title, key=lambda each: (self._frequency[each], each))
        yield from words[: len(words) - ceil(_SAME_TITLE * len(words)) + 1]


def tell_the_same(one: Traits, other: Traits) -> bool:
    """Whether two posts tell one story; the order of the two does not matter.

    Two posts of one feed do only where their texts are one: an open thread bears the same title
    each day. A number that differs (a day, a part, a count) always makes two stories.
    """
    if not (one.numbers <= other.numbers or other.numbers <= one.numbers):
        return False
    if one.feed_url == other.feed_url:
        return _is_told_again(one, other)
    return _have_one_text(one, other) or _report_one_event(one, other)


def _is_told_again(one: Traits, other: Traits) -> bool:
    """Whether a feed brings a post a second time, perhaps with a word more in its title."""
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
    """Whether two feeds report one event in words of their own, under nearly one title."""
    if min(len(one.title), len(other.title)) < _MIN_TITLE_WORDS:
        return False
    if likeness(one.title, other.title) < _SAME_TITLE:
        return False
    about, about_other = matter_of(one.words), matter_of(other.words)
    if min(len(about), len(about_other)) < _MIN_MATTER:
        return one.title == other.title and _apart(one, other) <= _SOON
    named, named_other = matter_of(one.title), matter_of(other.title)
    if named - named_other - about_other and named_other - named - about:
        # Each names somebody, or a day, of whom the other does not speak.
        return False
    named |= named_other
    return (
        _share(about - named, about_other - named) >= _SAME_MATTER and _apart(one, other) <= _NEWS
    )


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of the smaller set is in the other, 0 to 1."""
    return len(one & other) / max(1, min(len(one), len(other)))


def _apart(one: Traits, other: Traits) -> timedelta:
    return abs(one.published_at - other.published_at)


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
