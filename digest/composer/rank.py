"""The order of stories: what is talked of and what is fresh, with no source in front for long."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import log2

from digest.models import Candidate

#: A story of today is worth as much as one with 2^2 - 1 comments more; after a week, nothing.
_WORTH_OF_FRESHNESS = 2.0
_FRESH_DAYS = 7.0
#: Each story that its source has in front already takes so much off its worth.
_REPEATED_SOURCE = 0.85
_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A post that is in the edition, before its words are written."""

    candidate: Candidate
    #: Newsletter categories, in the newsletter's order.
    categories: tuple[str, ...]
    #: Responses without pingbacks.
    comment_count: int
    #: How old it is when the edition is made; 0 for a day not over.
    age_days: int


def count_days(published_at: datetime, as_of: datetime) -> int:
    """Whole days between two instants, never negative."""
    return max(0, int((as_of - published_at).total_seconds() // _SECONDS_PER_DAY))


def rank_picks(picks: Iterable[Pick]) -> tuple[Pick, ...]:
    """Put the best first. The same input gives the same order; ties go to the smaller `seq`."""
    queues = _queue_by_source(picks)
    taken: defaultdict[str, int] = defaultdict(int)
    ranked = []
    while queues:
        source = min(queues, key=lambda each: _place(queues[each][0], taken[each]))
        ranked.append(queues[source].popleft())
        taken[source] += 1
        if not queues[source]:
            del queues[source]
    return tuple(ranked)


def _queue_by_source(picks: Iterable[Pick]) -> dict[str, deque[Pick]]:
    queues: defaultdict[str, deque[Pick]] = defaultdict(deque)
    for pick in sorted(picks, key=lambda each: _place(each, 0)):
        queues[pick.candidate.post.feed_url].append(pick)
    return dict(queues)


def _place(pick: Pick, times_taken: int) -> tuple[float, int]:
    freshness = max(0.0, 1 - pick.age_days / _FRESH_DAYS)
    worth = log2(1 + pick.comment_count) + _WORTH_OF_FRESHNESS * freshness
    return -worth * _REPEATED_SOURCE**times_taken, pick.candidate.post.seq
