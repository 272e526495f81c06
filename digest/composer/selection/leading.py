"""Chooses the post that leads a story reported by several posts, and lists the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.composer.counts import comment_count
from digest.composer.rules import Rules
from digest.composer.selection.duplicates import Group
from digest.models import AlsoAt, Candidate, Choice
from digest.text.html import bare_words

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
        -comment_count(post, candidate.comments),
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
