"""Posts that are the same story twice: told by their titles, and by their texts where in doubt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from digest.composer.matter import likeness, stems_of
from digest.composer.prose import read_text
from digest.models import Candidate, Post
from digest.text.titles import title_key

#: Texts that share so many of their words are one text.
_SAME_TEXT = 0.5
#: With fewer words a text tells nothing: the title and the date decide.
_MIN_STEMS = 8
_NEAR = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A post that says again what an earlier one says."""

    candidate: Candidate
    of: Candidate


def find_duplicates(candidates: Iterable[Candidate]) -> tuple[Duplicate, ...]:
    """Name the posts whose story an earlier one (by `seq`) has told.

    The same title alone is not enough: a weekly open thread bears one title every week. Their
    texts must agree too, or, where one has hardly any, their dates.
    """
    firsts: defaultdict[str, list[Candidate]] = defaultdict(list)
    duplicates = []
    for candidate in sorted(candidates, key=lambda each: each.post.seq):
        same_title = firsts[_key_of(candidate.post)]
        original = next((each for each in same_title if _tell_the_same(each, candidate)), None)
        if original:
            duplicates.append(Duplicate(candidate=candidate, of=original))
        else:
            same_title.append(candidate)
    return tuple(duplicates)


def _key_of(post: Post) -> str:
    """The title's words, without the name of the site at the end."""
    key, site = title_key(post.title), title_key(post.feed_title)
    shorter = key.removesuffix(site).strip() if site else key
    return shorter or key


def _tell_the_same(one: Candidate, other: Candidate) -> bool:
    stems, others = _stems_of(one.post), _stems_of(other.post)
    if min(len(stems), len(others)) < _MIN_STEMS:
        is_near = abs(one.post.published_at - other.post.published_at) <= _NEAR
        # Without titles, two short notes of one day have nothing in common.
        return is_near and bool(one.post.title.strip())
    return likeness(stems, others) >= _SAME_TEXT


def _stems_of(post: Post) -> frozenset[str]:
    return stems_of(read_text(post.content_html or post.summary_html), frozenset())
