"""Reads the window of the next edition: where it begins and ends, its posts and their comments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from digest.composer.rules import Issue, Rules
from digest.models import (
    CadenceAudience,
    Candidate,
    Choice,
    Comment,
    PictureFiles,
    Post,
    Slot,
    Verdict,
)
from digest.pipeline.poll import read_last_poll
from digest.store import audience, editions, posts, variants
from digest.store.choices import CadenceName
from digest.store.comments import comments_of
from digest.store.engine import Connection
from digest.store.moderation import read_verdicts
from digest.store.pictures import files_of
from subscribers.segments import Segment


def next_issue(
    connection: Connection, rules: Rules, slot: Slot, oldest: datetime, segment: Segment
) -> Issue:
    """Return the number, the window and the predecessors of a slot's edition.

    Args:
        connection: a connection inside a transaction.
        rules: the rules of the newsletter and the cadence.
        slot: the slot.
        oldest: posts first seen before are in no window.
        segment: the part of the newsletter's subscribers that it is for.
    """
    reach = posts.last_seq_before(connection, oldest)
    start = editions.last_cut(connection, rules.newsletter, rules.cadence)
    if start is None:
        # The first edition of a new cadence reaches back as far as the longest window; that of a
        # new newsletter, to the first post.
        start = reach if editions.has_any_frozen(connection, rules.newsletter) else 0
    last_subject, last_preheader = variants.last_lines(connection, rules.newsletter, rules.cadence)
    furthest = audience.oldest_seen(connection, _audience_key(rules, segment))
    return Issue(
        slot=slot.local_at,
        due_at=slot.due_at,
        number=editions.next_number(
            connection, rules.newsletter, rules.cadence, is_extra=slot.is_extra
        ),
        since_seq=start if furthest is None else min(start, max(furthest, reach)),
        last_cut_seq=start,
        cut_seq=posts.last_seq(connection),
        last_subject=last_subject,
        last_preheader=last_preheader,
        last_poll=read_last_poll(connection, rules.newsletter, rules.cadence),
    )


def _audience_key(rules: Rules, segment: Segment) -> CadenceAudience:
    return CadenceAudience(
        rules.newsletter, rules.cadence, rules.is_first_cadence, rules.other_cadences, segment
    )


def read_window(
    connection: Connection, rules: Rules, issue: Issue, chosen: Mapping[int, Choice]
) -> tuple[Candidate, ...]:
    """Return the posts of an issue's window, also those that an editor moved into a section."""
    found = posts.posts_between(
        connection,
        issue.since_seq,
        issue.cut_seq,
        rules.categories,
        CadenceName(rules.newsletter, rules.cadence),
        also=[each for each, choice in chosen.items() if choice.section],
    )
    return read_candidates(connection, found, rules)


def read_comments(
    connection: Connection, post_ids: Sequence[int], rules: Rules
) -> dict[int, tuple[Comment, ...]]:
    """Return the comments of each post, with the stored verdicts of the newsletter's own judge."""
    is_needed = rules.policy.holds_first_timers
    under = comments_of(connection, post_ids, with_first_times=is_needed)
    judge = rules.policy.judge
    if not judge:
        return under
    listed = [comment for each in under.values() for comment in each]
    found = read_verdicts(connection, judge, listed)
    return {post_id: with_verdicts(each, found) for post_id, each in under.items()}


def with_verdicts(comments: Sequence[Comment], found: Mapping[int, Verdict]) -> tuple[Comment, ...]:
    """Return comments with the verdicts about them, by their ids."""
    return tuple(
        replace(each, verdict=found[each.id]) if each.id in found else each for each in comments
    )


def read_candidates(
    connection: Connection, posts: Sequence[Post], rules: Rules
) -> tuple[Candidate, ...]:
    """Return posts with their comments, and with stored pictures if the newsletter uses them."""
    comments = read_comments(connection, [post.id for post in posts], rules)
    urls = [post.image_url for post in posts]
    files = files_of(connection, urls) if rules.images.is_own else {}
    return tuple(
        Candidate(
            post=post,
            comments=comments.get(post.id, ()),
            pictures=files.get(post.image_url, PictureFiles()),
        )
        for post in posts
    )
