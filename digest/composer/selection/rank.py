"""Ranks stories by pins, discussion, freshness and source, with a reason for each place."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf, log2

from digest.composer.lexicon.fold import fold_plain
from digest.composer.rules import Rules
from digest.models import AlsoAt, Candidate, Choice, Reason, Story
from digest.text.counted import counted

#: Being from today is worth 2^2 - 1 comments; it is worth nothing after a week.
_WORTH_OF_FRESHNESS = 2.0
_FRESH_DAYS = 7.0
#: A story's worth is multiplied by this for each story of its source that ranks before it.
_REPEATED_SOURCE = 0.85
_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A selected post, before its story is written."""

    candidate: Candidate
    #: The post's categories, in the newsletter's order.
    categories: tuple[str, ...]
    #: Responses without pingbacks.
    comment_count: int
    #: Responses that people wrote.
    people_count: int
    #: Whole days between publication and composition; 0 for less than a day.
    age_days: int
    #: The highest `seq` of all posts of the story, so that it stays in every window.
    seq: int
    #: Whether the post came after the previous edition; the pool may reach further back.
    is_new: bool = True
    #: Other feeds with the same story.
    also_at: tuple[AlsoAt, ...] = ()
    #: Why it leads the posts of its story; empty if it is the only one.
    why_lead: str = ""
    choice: Choice = Choice()  # noqa: RUF009 - frozen
    #: The author or feed whose cap moved it behind other stories; empty if none did.
    behind: str = ""

    @property
    def pinned(self) -> int:
        """The place among pinned stories, from 1; 0 if not pinned, or pinned earlier."""
        return self.choice.pinned if self.is_new else 0

    @property
    def place(self) -> int:
        """The place in its section that an editor gave it, from 1; 0 if none, or given earlier."""
        return self.choice.place if self.is_new and not self.choice.pinned else 0

    @property
    def section(self) -> str:
        """The section that an editor moved it to; empty if none."""
        return self.choice.section if self.choice.section in self.categories else ""

    @property
    def home(self) -> str:
        """The section in which most subscribers see it."""
        return self.section or self.categories[0]

    @property
    def source(self) -> str:
        """The name of the feed, for an editor."""
        post = self.candidate.post
        return post.feed_title or post.feed_url


def count_days(published_at: datetime, as_of: datetime) -> int:
    """Return the whole days between two instants, never negative."""
    return max(0, int((as_of - published_at).total_seconds() // _SECONDS_PER_DAY))


def rank_picks(picks: Iterable[Pick], rules: Rules) -> tuple[Pick, ...]:
    """Order the picks, best first. The order is deterministic; ties go to the smaller `seq`.

    Among posts older than a week, ties go to the newer one.

    Stories pinned by an editor come first. Stories beyond the newsletter's cap for one author or
    feed come last. They are not left out, so that a section still fills all its places.
    """
    all_picks = tuple(picks)
    pinned = sorted((p for p in all_picks if p.pinned), key=lambda p: (p.pinned, p.seq))
    taken = Counter(pick.candidate.post.feed_url for pick in pinned)
    rest = _rank((p for p in all_picks if not p.pinned), taken)
    return _hold_back((*pinned, *rest), rules)


def _rank(picks: Iterable[Pick], taken: Counter[str]) -> Iterator[Pick]:
    queues = _queue_by_source(picks)
    while queues:
        source = min(queues, key=lambda each: _place(queues[each][0], taken[each]))
        yield queues[source].popleft()
        taken[source] += 1
        if not queues[source]:
            del queues[source]


def _queue_by_source(picks: Iterable[Pick]) -> dict[str, deque[Pick]]:
    queues: defaultdict[str, deque[Pick]] = defaultdict(deque)
    for pick in sorted(picks, key=lambda each: _place(each, 0)):
        queues[pick.candidate.post.feed_url].append(pick)
    return dict(queues)


def _place(pick: Pick, times_taken: int) -> tuple[float, float, int]:
    post = pick.candidate.post
    freshness = max(0.0, 1 - pick.age_days / _FRESH_DAYS)
    worth = log2(1 + pick.people_count) + _WORTH_OF_FRESHNESS * freshness
    order = -inf if freshness else -post.published_at.timestamp()
    return -worth * _REPEATED_SOURCE**times_taken, order, post.seq


def _hold_back(ranked: tuple[Pick, ...], rules: Rules) -> tuple[Pick, ...]:
    """Move stories over a cap in all their sections to the end; pins count but do not move."""
    held: Counter[tuple[str, ...]] = Counter()
    front, behind = [], []
    for pick in ranked:
        if not pick.is_new:
            front.append(pick)
            continue
        whose = "" if pick.pinned else _over_cap(pick, held, rules)
        if whose:
            behind.append(replace(pick, behind=whose))
            continue
        front.append(pick)
        for section in pick.categories:
            held.update(key for _, _, key in _keys(pick, section, rules))
    return (*front, *behind)


def _over_cap(pick: Pick, held: Counter[tuple[str, ...]], rules: Rules) -> str:
    """Return the author or feed whose cap is reached in all sections; empty if none is."""
    over = [
        next(
            (name for name, cap, key in _keys(pick, section, rules) if 0 < cap <= held[key]),
            "",
        )
        for section in pick.categories
    ]
    return over[0] if all(over) else ""


def _keys(pick: Pick, section: str, rules: Rules) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    post = pick.candidate.post
    if post.author.strip():
        yield (
            post.author.strip(),
            rules.max_posts_per_author,
            ("author", section, fold_plain(post.author)),
        )
    yield pick.source, rules.max_posts_per_feed, ("feed", section, post.feed_url)


#: A story with fewer comments does not count as discussed.
_MIN_DISCUSSED = 2
_PINNED = "pinned"
#: The code of a story that an editor put at a place in its section.
PLACED = "placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A selected post and the reason for its place."""

    pick: Pick
    reason: Reason


def is_pinned(story: Story) -> bool:
    """Whether an editor pinned a story of this edition."""
    return story.reason.code == _PINNED


def explain(ranked: tuple[Pick, ...], rules: Rules) -> tuple[Selected, ...]:
    """Return each pick with its reason; `ranked` is in rank order."""
    most = max((pick.people_count for pick in ranked if pick.is_new), default=0)
    places: Counter[str] = Counter()
    selected = []
    for pick in ranked:
        if pick.is_new:
            places.update([pick.section] if pick.section else pick.categories)
            reason = _reason_of(pick, most, places, rules)
        else:
            reason = Reason(
                code="missed", text="shown only to subscribers who have not seen it yet"
            )
        selected.append(Selected(pick=pick, reason=reason))
    return tuple(selected)


def _reason_of(pick: Pick, most: int, places: Mapping[str, int], rules: Rules) -> Reason:
    code, text = _merit_of(pick, most)
    words = [text, *_remarks(pick, rules)]
    if pick.behind:
        code = "beyond-source-cap"
        words.append(f"behind others: enough of {pick.behind} in {pick.categories[0]}")
    sections = (pick.section,) if pick.section else pick.categories
    if all(places[name] > rules.max_posts_per_category for name in sections):
        section = sections[0]
        words.append(
            f"number {places[section]} in {section}, may be a title alone or under “and N more”"
        )
        code = "beyond-cap"
    elif pick.place:
        code = PLACED
    if pick.place:
        words = [f"put at place {pick.place} of {pick.home} by an editor", *words]
    if pick.pinned:
        code, words = _PINNED, ["pinned by an editor", *words]
    return Reason(code=code, text="; ".join(words))


def _remarks(pick: Pick, rules: Rules) -> Iterator[str]:
    choice = pick.choice
    if pick.why_lead:
        yield f"stands for others that tell the same: it {pick.why_lead}"
    if pick.section:
        yield f"moved to {pick.section} by an editor"
    if choice.skips.startswith(f"{rules.cadence}/"):
        yield "kept for this time by an editor"
    if not (choice.title is None and choice.excerpt is None and choice.image_alt is None):
        yield "words changed by an editor"


def _merit_of(pick: Pick, most: int) -> tuple[str, str]:
    comments = counted(pick.people_count, "comment")
    if most >= _MIN_DISCUSSED and pick.people_count == most:
        return "most-discussed", f"most discussed of this edition: {comments}"
    if pick.people_count >= _MIN_DISCUSSED:
        return "discussed", f"discussed: {comments}, {_say_age(pick.age_days)}"
    return "new", f"new in {pick.categories[0]}, {_say_age(pick.age_days)}"


def _say_age(days: int) -> str:
    if days == 0:
        return "of today"
    return "1 day old" if days == 1 else f"{days} days old"
