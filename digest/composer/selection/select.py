"""Selects and orders the posts of an edition, with a reason for every choice and omission."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from digest.composer.counts import comment_count
from digest.composer.quotes.people import count_people
from digest.composer.rules import Issue, Rules
from digest.composer.selection.arrange import arrange
from digest.composer.selection.duplicates import Group, group_stories
from digest.composer.selection.rank import Pick, Selected, count_days, explain, rank_picks
from digest.models import NEXT_TIME, AlsoAt, Candidate, Choice, Omission, Reason
from digest.text.html import bare_words

__all__ = ["Selected", "Selection", "select"]

_NO_CHOICES: Mapping[int, Choice] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The selected and the omitted candidates."""

    #: The selected posts in rank order; the caps of the sections are not applied.
    picks: tuple[Selected, ...]
    #: The omitted posts in order of `seq`.
    omitted: tuple[Omission, ...]


def select(
    rules: Rules,
    candidates: Iterable[Candidate],
    issue: Issue,
    choices: Mapping[int, Choice] = _NO_CHOICES,
) -> Selection:
    """Select and order the stories of an issue. The same input gives the same selection.

    Section caps are not applied here but later, per subscriber, so stories beyond a cap stay and
    their reason mentions it. Posts from before and after the previous edition are never grouped
    into one story: the mail of most subscribers must not depend on those who are further behind.

    Args:
        rules: the newsletter's rules.
        candidates: the posts, in any order.
        issue: the edition's number, slot and window.
        choices: the editor's choices, by post id; they take precedence.
    """
    ordered = sorted(candidates, key=lambda each: each.post.seq)
    fit, omitted = _part_unfit(rules, ordered, issue, choices)
    missed = [each for each in fit if each.post.seq <= issue.last_cut_seq]
    new = [each for each in fit if each.post.seq > issue.last_cut_seq]
    groups = (*group_stories(missed), *group_stories(new))
    leads = [choose_lead(group, rules, choices) for group in groups]
    as_of = _newest_learned([each.lead for each in leads], issue)
    picks = (_pick(each, rules, issue, choices, as_of) for each in leads)
    omissions = [*omitted, *(_omit_other(each, lead) for lead in leads for each in lead.others)]
    places = {each.post.id: each.post.seq for each in ordered}
    return Selection(
        picks=explain(arrange(rank_picks(picks, rules)), rules),
        omitted=tuple(sorted(omissions, key=lambda each: places[each.post_id])),
    )


def _part_unfit(
    rules: Rules, candidates: list[Candidate], issue: Issue, choices: Mapping[int, Choice]
) -> tuple[list[Candidate], list[Omission]]:
    fit, omitted = [], []
    for candidate in candidates:
        choice = choices.get(candidate.post.id, Choice())
        reason = _find_fault(candidate, choice, rules, issue) or _obey(
            candidate, choice, rules, issue
        )
        if reason:
            omitted.append(_omit(candidate, reason))
        else:
            fit.append(candidate)
    return fit, omitted


def _find_fault(candidate: Candidate, choice: Choice, rules: Rules, issue: Issue) -> Reason | None:
    post = candidate.post
    if post.seq not in SeqWindow(since_seq=issue.since_seq, cut_seq=issue.cut_seq):
        return Reason(code="outside-window", text="not new in this edition")
    if not (post.title.strip() or bare_words(post.summary_html or post.content_html)):
        return Reason(code="no-words", text="has neither a title nor a text")
    if not post.url:
        return Reason(code="no-link", text="has no link that is safe to print")
    if not {*post.categories, choice.section} & set(rules.categories):
        named = ", ".join(post.categories) or "none"
        return Reason(code="no-section", text=f"no section for its categories ({named})")
    return None


def _obey(candidate: Candidate, choice: Choice, rules: Rules, issue: Issue) -> Reason | None:
    if choice.is_dropped:
        return Reason(code="dropped", text="dropped by an editor")
    # A post that most subscribers got in an earlier edition cannot be kept for the next one.
    is_new = candidate.post.seq > issue.last_cut_seq
    if is_new and choice.skips == issue.name_for(rules.cadence):
        return Reason(code=NEXT_TIME, text="kept for next time by an editor")
    return None


def _newest_learned(candidates: list[Candidate], issue: Issue) -> datetime:
    """Return when the newest post was first seen; ages are counted from then.

    An edition may be composed days before it is due; counted from its slot, all posts would be
    old.
    """
    learned = (candidate.post.first_seen_at for candidate in candidates)
    return min(issue.due_at, max(learned, default=issue.due_at))


def _pick(
    story: Lead, rules: Rules, issue: Issue, choices: Mapping[int, Choice], as_of: datetime
) -> Pick:
    post = story.lead.post
    choice = choices.get(post.id, Choice())
    named = {name for each in (story.lead, *story.others) for name in each.post.categories}
    named.add(choice.section)
    return Pick(
        candidate=story.lead,
        categories=tuple(name for name in rules.categories if name in named),
        comment_count=comment_count(post, story.lead.comments),
        people_count=count_people(post, story.lead.comments, rules.language),
        age_days=count_days(post.published_at, as_of),
        seq=story.seq,
        is_new=post.seq > issue.last_cut_seq,
        also_at=story.also_at,
        why_lead=story.why,
        choice=choice,
    )


def _omit(candidate: Candidate, reason: Reason) -> Omission:
    return Omission(post_id=candidate.post.id, title=candidate.post.title, reason=reason)


def _omit_other(candidate: Candidate, story: Lead) -> Omission:
    text = f"the same story as post {story.lead.post.id}, which is shown because it {story.why}"
    return _omit(candidate, Reason(code="duplicate", text=text))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeqWindow:
    """The posts after one edition's cut, up to and including another's."""

    #: The cut of the last edition that was seen; posts up to it are not new.
    since_seq: int
    #: The cut of this edition, included.
    cut_seq: int

    def __contains__(self, seq: int) -> bool:
        return self.since_seq < seq <= self.cut_seq


#: A shorter text is only a summary.
_FULL_TEXT_CHARS = 700
#: Sorts after every pin.
_NOT_PINNED = 1_000_000

#: The criteria in their order, worded for the leading post.
_WHYS = (
    "was pinned by an editor",
    "is on the newsletter's own site",
    "has the most comments",
    "has the full text",
    "came first",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A story with its leading post."""

    lead: Candidate
    #: The other posts, in order of `seq`.
    others: tuple[Candidate, ...]
    also_at: tuple[AlsoAt, ...]
    #: Why this post leads; empty if there is no other.
    why: str

    @property
    def seq(self) -> int:
        """The highest `seq` of all posts."""
        return max(each.post.seq for each in (self.lead, *self.others))


def choose_lead(group: Group, rules: Rules, choices: Mapping[int, Choice]) -> Lead:
    """Choose the best post to lead the story.

    It is a pinned one, else the newsletter's own, else the most discussed, else one with its full
    text, else the first by `seq`. Only its comments are counted and quoted.
    """
    if len(group.members) == 1:
        return Lead(lead=group.members[0], others=(), also_at=(), why="")
    keys = {each.post.id: _merits(each, rules, choices) for each in group.members}
    first, second, *_ = sorted(group.members, key=lambda each: keys[each.post.id])
    decided = next(
        number
        for number, (one, other) in enumerate(
            zip(keys[first.post.id], keys[second.post.id], strict=True)
        )
        if one != other
    )
    others = tuple(each for each in group.members if each is not first)
    return Lead(lead=first, others=others, also_at=_places(first, others), why=_WHYS[decided])


def _merits(
    candidate: Candidate, rules: Rules, choices: Mapping[int, Choice]
) -> tuple[int | bool, ...]:
    post = candidate.post
    choice = choices.get(post.id, Choice())
    return (
        choice.pinned or _NOT_PINNED,
        _host(post.url) != _host(rules.masthead.home_url),
        -count_people(post, candidate.comments, rules.language),
        len(bare_words(post.content_html)) < _FULL_TEXT_CHARS,
        post.seq,
    )


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # a bracket without its pair
        return ""


def _places(lead: Candidate, others: tuple[Candidate, ...]) -> tuple[AlsoAt, ...]:
    """Return one place for each other feed."""
    places: dict[str, AlsoAt] = {}
    for each in others:
        post = each.post
        if post.feed_url != lead.post.feed_url and post.feed_url not in places:
            name = post.feed_title.strip() or _host(post.url)
            places[post.feed_url] = AlsoAt(post_id=post.id, name=name, url=post.url)
    return tuple(places.values())
