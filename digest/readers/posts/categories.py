"""Filing: which of the newsletter's categories a post of a feed goes to, by that feed's rules.

First `exclude` and `include` say whether the post is taken at all; then `map` files it by the
feed's own categories, into several where several of them match; what no entry matches goes to the
feed's `category`. Upper case, spaces and the kind of letters do not count anywhere.

A title's pattern is words that must stand in it side by side, or with `*` the whole title, where
`*` is anything. There are no other signs: what a pattern can say is found in one pass over a title.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import Protocol

from digest.models import FeedSource, PostFilter

#: Of a title that patterns look at.
_MAX_TITLE_CHARS = 1000


class Labelled(Protocol):
    """A post as far as rules look at it; both what a feed gives and what is stored."""

    @property
    def title(self) -> str:
        """One line; may be empty."""

    @property
    def author(self) -> str:
        """As shown; may be empty."""

    @property
    def feed_categories(self) -> tuple[str, ...]:
        """The feed's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Where a post goes, and why."""

    #: Empty: nowhere, through this feed.
    categories: tuple[str, ...]
    #: In an editor's words.
    reason: str


def file_post(post: Labelled, rules: FeedSource) -> Filing:
    """Decide where a post of a feed goes."""
    excluded = _match(post, rules.exclude)
    if excluded:
        return Filing(categories=(), reason=f"left out: {excluded}")
    included = _match(post, rules.include)
    if _has_entries(rules.include) and not included:
        return Filing(categories=(), reason="left out: nothing of include matches")
    mapped = _mapped(post, rules)
    if mapped:
        labels = ", ".join(repr(label) for label, _ in mapped)
        named = tuple(dict.fromkeys(name for _, names in mapped for name in names))
        return Filing(categories=named, reason=f"the feed files it under {labels}")
    if not rules.categories:
        return Filing(categories=(), reason="no entry of map matches, and there is no category")
    why = "no entry of map matches" if rules.map else "every post of this feed"
    return Filing(categories=rules.categories, reason=f"{why}; {included}" if included else why)


def rules_hash(rules: FeedSource) -> str:
    """Give a hash of a feed's rules: where it changes, stored posts are filed anew."""
    return _hash_of(rules.categories, rules.map, rules.include, rules.exclude)


@lru_cache(maxsize=64)  # most feeds have the rules of others
def _hash_of(
    categories: tuple[str, ...],
    mapped: tuple[tuple[str, tuple[str, ...]], ...],
    include: PostFilter,
    exclude: PostFilter,
) -> str:
    told = (categories, mapped, astuple(include), astuple(exclude))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def label_key(label: str) -> str:
    """Give what two spellings of a label share."""
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def matches_title(pattern: str, title: str) -> bool:
    """Whether a pattern matches a title; linear in its length."""
    wanted, found = label_key(pattern), label_key(title[:_MAX_TITLE_CHARS])
    if "*" not in wanted:
        return _stands_in(wanted, found)
    first, *middle, last = wanted.split("*")
    end = len(found) - len(last)
    if not (found.startswith(first) and found.endswith(last) and len(first) <= end):
        return False
    at = len(first)
    for part in middle:
        at = found.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def _stands_in(words: str, text: str) -> bool:
    """Whether `words` stand in `text` as whole words."""
    before = r"(?<![^\W_])" if _is_parted(words[:1]) else ""
    after = r"(?![^\W_])" if _is_parted(words[-1:]) else ""
    return bool(words) and re.search(f"{before}{re.escape(words)}{after}", text) is not None


def _is_parted(char: str) -> bool:
    """Whether a letter's script parts its words by spaces: not Chinese, Japanese, Thai, Lao."""
    is_wide = char != "" and unicodedata.east_asian_width(char) in "WF"
    return char.isalnum() and not is_wide and not "\u0e00" <= char <= "\u0eff"


def _mapped(post: Labelled, rules: FeedSource) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give the feed's categories that `map` names, with what it files them under."""
    targets = {label_key(label): names for label, names in rules.map}
    keys = ((label, label_key(label)) for label in post.feed_categories)
    return tuple((label, targets[key]) for label, key in keys if key in targets)


def _has_entries(chosen: PostFilter) -> bool:
    return bool(chosen.category or chosen.author or chosen.title)


def _match(post: Labelled, chosen: PostFilter) -> str:
    """Say what of a table matches, the first of it; empty where nothing does."""
    labels = {label_key(label): label for label in post.feed_categories}
    for wanted in chosen.category:
        if label_key(wanted) in labels:
            return f"its category is {labels[label_key(wanted)]!r}"
    for wanted in chosen.author:
        if post.author and label_key(wanted) == label_key(post.author):
            return f"its author is {post.author!r}"
    for pattern in chosen.title:
        if matches_title(pattern, post.title):
            return f"its title matches {pattern!r}"
    return ""
