"""Which posts are in an edition, in which order, and a reason for every choice and omission."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest.composer.counts import comment_count
from digest.composer.duplicates import Duplicate, find_duplicates
from digest.composer.rank import Pick, count_days, rank_picks
from digest.composer.rules import Issue, Rules
from digest.composer.window import Window
from digest.models import Candidate, Omission, Reason
from digest.text.html import bare_words

#: With fewer comments nothing was discussed.
_MIN_DISCUSSED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A post that is in the edition, and why."""

    pick: Pick
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What became of the candidates."""

    #: In rank order; the caps of the sections are not applied to it.
    picks: tuple[Selected, ...]
    #: In order of `seq`.
    omitted: tuple[Omission, ...]


def select(rules: Rules, candidates: Iterable[Candidate], issue: Issue) -> Selection:
    """Choose and order the stories of an issue. The same input gives the same selection.

    A section's cap cuts nothing here: each reader's sections are capped later, so stories beyond
    it stay, and their reason says so.
    """
    ordered = sorted(candidates, key=lambda each: each.post.seq)
    fit, omitted = _part_unfit(rules, ordered, issue)
    duplicates = find_duplicates(fit)
    repeated = {each.candidate.post.id: each for each in duplicates}
    kept = [each for each in fit if each.post.id not in repeated]
    categories = _categories_with(duplicates, kept, rules)
    as_of = _newest_learned(kept, issue)
    ranked = rank_picks(_pick(each, categories[each.post.id], as_of) for each in kept)
    omissions = [*omitted, *(_omit_duplicate(each) for each in duplicates)]
    places = {each.post.id: each.post.seq for each in ordered}
    return Selection(
        picks=_explain(ranked, rules, issue),
        omitted=tuple(sorted(omissions, key=lambda each: places[each.post_id])),
    )


def _part_unfit(
    rules: Rules, candidates: list[Candidate], issue: Issue
) -> tuple[list[Candidate], list[Omission]]:
    fit, omitted = [], []
    for candidate in candidates:
        if reason := _find_fault(candidate, rules, issue):
            omitted.append(_omit(candidate, reason))
        else:
            fit.append(candidate)
    return fit, omitted


def _find_fault(candidate: Candidate, rules: Rules, issue: Issue) -> Reason | None:
    post = candidate.post
    if post.seq not in Window(since_seq=issue.since_seq, cut_seq=issue.cut_seq):
        return Reason(code="outside-window", text="not new in this edition")
    if not (post.title.strip() or bare_words(post.summary_html or post.content_html)):
        return Reason(code="no-words", text="has neither a title nor a text")
    if not post.url:
        return Reason(code="no-link", text="has no link that is safe to print")
    if not set(post.categories) & set(rules.categories):
        named = ", ".join(post.categories) or "none"
        return Reason(code="no-section", text=f"no section for its categories ({named})")
    return None


def _categories_with(
    duplicates: tuple[Duplicate, ...], kept: list[Candidate], rules: Rules
) -> dict[int, tuple[str, ...]]:
    """By post, its sections and those of its duplicates, in the newsletter's order."""
    named: defaultdict[int, set[str]] = defaultdict(set)
    for candidate in kept:
        named[candidate.post.id].update(candidate.post.categories)
    for each in duplicates:
        named[each.of.post.id].update(each.candidate.post.categories)
    return {
        post_id: tuple(name for name in rules.categories if name in names)
        for post_id, names in named.items()
    }


def _newest_learned(candidates: list[Candidate], issue: Issue) -> datetime:
    """When the last post came in: ages count from there.

    An edition may be composed days before it is due; counted from its slot, all would be old.
    """
    learned = (candidate.post.first_seen_at for candidate in candidates)
    return min(issue.due_at, max(learned, default=issue.due_at))


def _pick(candidate: Candidate, categories: tuple[str, ...], as_of: datetime) -> Pick:
    return Pick(
        candidate=candidate,
        categories=categories,
        comment_count=comment_count(candidate.post, candidate.comments),
        age_days=count_days(candidate.post.published_at, as_of),
    )


def _explain(ranked: tuple[Pick, ...], rules: Rules, issue: Issue) -> tuple[Selected, ...]:
    counts = (pick.comment_count for pick in ranked if _is_new(pick, issue))
    most = max(counts, default=0)
    places: Counter[str] = Counter()
    selected = []
    for pick in ranked:
        if _is_new(pick, issue):
            places.update(pick.categories)
            reason = _reason_of(pick, most, places, rules)
        else:
            reason = Reason(code="missed", text="shown only to readers who have not seen it yet")
        selected.append(Selected(pick=pick, reason=reason))
    return tuple(selected)


def _is_new(pick: Pick, issue: Issue) -> bool:
    """Whether it came after the previous edition; the pool may reach further back."""
    return pick.candidate.post.seq > issue.last_cut_seq


def _reason_of(pick: Pick, most: int, places: Mapping[str, int], rules: Rules) -> Reason:
    """Why a story stands where it stands, in an editor's words."""
    code, text = _merit_of(pick, most)
    if all(places[name] > rules.max_posts_per_category for name in pick.categories):
        section = pick.categories[0]
        text += f"; number {places[section]} in {section}, may fall under “and N more”"
        code = "beyond-cap"
    return Reason(code=code, text=text)


def _merit_of(pick: Pick, most: int) -> tuple[str, str]:
    comments = f"{pick.comment_count} comments"
    if most >= _MIN_DISCUSSED and pick.comment_count == most:
        return "most-discussed", f"most discussed of this edition: {comments}"
    if pick.comment_count >= _MIN_DISCUSSED:
        return "discussed", f"discussed: {comments}, {_say_age(pick.age_days)}"
    return "new", f"new in {pick.categories[0]}, {_say_age(pick.age_days)}"


def _say_age(days: int) -> str:
    if days == 0:
        return "of today"
    return "1 day old" if days == 1 else f"{days} days old"


def _omit(candidate: Candidate, reason: Reason) -> Omission:
    return Omission(post_id=candidate.post.id, title=candidate.post.title, reason=reason)


def _omit_duplicate(duplicate: Duplicate) -> Omission:
    text = f"tells the same as post {duplicate.of.post.id}, which came first"
    return _omit(duplicate.candidate, Reason(code="duplicate", text=text))
