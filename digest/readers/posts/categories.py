"""Files posts: decides by a feed's rules to which of the newsletter's categories a post goes.

First `exclude` and `include` decide whether the post is used at all; then `map` files it by the
feed's own categories, into several if several match; a post without a match goes to the feed's
`category`. Case, white space and compatibility forms of letters never count.

A title pattern is a phrase that the title must contain; with `*` it must match the whole title,
and `*` is any text. There is no other syntax, so that one pass over the title is enough.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import Protocol

from digest.models import FeedSource, PostFilter

#: Characters of a title that patterns are matched with.
_MAX_TITLE_CHARS = 1000


class Labelled(Protocol):
    """The fields of a post that rules use, for parsed and stored posts."""

    @property
    def title(self) -> str:
        """The title, one line; may be empty."""

    @property
    def author(self) -> str:
        """The author's name as shown; may be empty."""

    @property
    def feed_categories(self) -> tuple[str, ...]:
        """The categories that the feed itself gives the post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """The categories that a post goes to, and why."""

    #: Empty if this feed's rules leave the post out.
    categories: tuple[str, ...]
    #: The reason, for an editor.
    reason: str


def file_post(post: Labelled, rules: FeedSource) -> Filing:
    """Decide to which categories a post of a feed goes."""
    excluded = _match(post, rules.exclude)
    if excluded:
        return Filing(categories=(), reason=f"left out: {excluded}")
    included = _match(post, rules.include)
    if _has_entries(rules.include) and not included:
        return Filing(categories=(), reason="left out: no entry of include matches")
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
    """Return a hash of a feed's rules; if it changes, stored posts are filed again."""
    return _hash_of(rules.categories, rules.map, rules.include, rules.exclude)


@lru_cache(maxsize=64)  # many feeds share the same rules
def _hash_of(
    categories: tuple[str, ...],
    mapped: tuple[tuple[str, tuple[str, ...]], ...],
    include: PostFilter,
    exclude: PostFilter,
) -> str:
    rules = (categories, mapped, astuple(include), astuple(exclude))
    return hashlib.sha256(repr(rules).encode()).hexdigest()


def label_key(label: str) -> str:
    """Return a key that is equal for all spellings of a label."""
    return " ".join(unicodedata.normalize("NFKC", label).casefold().split())


def matches_title(pattern: str, title: str) -> bool:
    """Return whether a pattern matches a title; the time is linear in the title's length."""
    wanted, found = label_key(pattern), label_key(title[:_MAX_TITLE_CHARS])
    if "*" not in wanted:
        return _contains(found, wanted)
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


def _contains(text: str, words: str) -> bool:
    """Return whether `text` contains `words` as whole words."""
    before = r"(?<![^\W_])" if _is_parted(words[:1]) else ""
    after = r"(?![^\W_])" if _is_parted(words[-1:]) else ""
    return bool(words) and re.search(f"{before}{re.escape(words)}{after}", text) is not None


def _is_parted(char: str) -> bool:
    """Return whether a script has spaces between words: not Chinese, Japanese, Thai or Lao."""
    is_wide = char != "" and unicodedata.east_asian_width(char) in "WF"
    return char.isalnum() and not is_wide and not "\u0e00" <= char <= "\u0eff"


def _mapped(post: Labelled, rules: FeedSource) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the post's feed categories that are in `map`, each with its target categories."""
    targets = {label_key(label): names for label, names in rules.map}
    keys = ((label, label_key(label)) for label in post.feed_categories)
    return tuple((label, targets[key]) for label, key in keys if key in targets)


def _has_entries(chosen: PostFilter) -> bool:
    return bool(chosen.category or chosen.author or chosen.title)


def _match(post: Labelled, chosen: PostFilter) -> str:
    """Return the first match of a filter in words; empty if there is none."""
    labels = {label_key(label): label for label in post.feed_categories}
    for wanted in chosen.category:
        if label_key(wanted) in labels:
            return f"its category is {labels[label_key(wanted)]!r}"
    authors = {label_key(name) for name in (post.author, *post.author.split(", ")) if name}
    for wanted in chosen.author:
        if label_key(wanted) in authors:
            return f"its author is {post.author!r}"
    for pattern in chosen.title:
        if matches_title(pattern, post.title):
            return f"its title matches {pattern!r}"
    return ""
