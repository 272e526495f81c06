"""From the posts of a window to one edition, complete: the composer's door."""

from __future__ import annotations

from collections.abc import Iterable

from digest.composer.rules import Issue, Rules
from digest.composer.select import select
from digest.composer.snapshot import content_hash, edition_from_json, edition_to_json
from digest.composer.story import write_story
from digest.models import Candidate, Edition

__all__ = ["compose", "content_hash", "edition_from_json", "edition_to_json"]


def compose(rules: Rules, candidates: Iterable[Candidate], issue: Issue) -> Edition | None:
    """Make the edition of an issue; None where fewer stories are new than `rules.min_posts`.

    The same input gives the same edition. Candidates outside the issue's window are omitted.
    """
    selection = select(rules, candidates, issue)
    new = [each for each in selection.picks if each.pick.candidate.post.seq > issue.last_cut_seq]
    if len(new) < max(rules.min_posts, 1):
        return None
    return Edition(
        newsletter=rules.newsletter,
        title=rules.title,
        tagline=rules.tagline,
        home_url=rules.home_url,
        policy_url=rules.policy_url,
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
        stories=tuple(write_story(pick, rules) for pick in selection.picks),
        omitted=selection.omitted,
        intro=rules.intro,
        editor=rules.editor,
        last_subject=issue.last_subject,
        poll=rules.poll,
        support=rules.support,
        custom=rules.custom,
        theme=rules.theme,
    )
