"""Composes one complete edition from the posts of a window: the composer's entry point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from digest.composer.poll import choose_poll, choose_results
from digest.composer.rules import Issue, Rules
from digest.composer.selection.select import select
from digest.composer.story import write_stories
from digest.models import NO_POLL, Candidate, Choice, Edition, Typed

_NO_CHOICES: Mapping[int, Choice] = {}


def compose(
    rules: Rules,
    candidates: Iterable[Candidate],
    issue: Issue,
    choices: Mapping[int, Choice] = _NO_CHOICES,
) -> Edition | None:
    """Compose the edition of an issue; None if it has fewer new stories than `rules.min_posts`.

    The same input gives the same edition. Candidates outside the issue's window are omitted.

    Args:
        rules: the newsletter's rules.
        candidates: the posts, in any order.
        issue: the edition's number, slot and window.
        choices: the editor's choices, by post id.
    """
    selection = select(rules, candidates, issue, choices)
    new = [each for each in selection.picks if each.pick.is_new]
    if len(new) < max(rules.min_posts, 1):
        return None
    return Edition(
        newsletter=rules.newsletter,
        cadence=rules.cadence,
        slot=issue.slot,
        timezone=rules.timezone,
        due_at=issue.due_at,
        number=issue.number,
        language=rules.language,
        since_seq=issue.since_seq,
        last_cut_seq=issue.last_cut_seq,
        cut_seq=issue.cut_seq,
        categories=rules.categories,
        max_posts_per_category=rules.max_posts_per_category,
        stories=write_stories(selection.picks, rules),
        omitted=selection.omitted,
        masthead=replace(rules.masthead, poll=choose_poll(rules.masthead.poll, issue.last_poll)),
        poll_results=choose_results(issue.last_poll),
        quotes_per_story=rules.top_comments_per_post,
        last_subject=issue.last_subject,
        last_preheader=issue.last_preheader,
    )


def apply_typed(edition: Edition, typed: Typed) -> Edition:
    """Return the edition with the texts that an editor typed for it."""
    masthead = edition.masthead
    if typed.intro is not None:
        masthead = replace(masthead, intro=typed.intro)
    if typed.poll is not None:
        masthead = replace(masthead, poll=None if typed.poll == NO_POLL else typed.poll)
    return replace(
        edition,
        subject=typed.subject,
        preheader=typed.preheader,
        typed_for=typed.typed_for,
        masthead=masthead,
    )
