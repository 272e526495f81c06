"""From the posts of a window to a stored draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from digest.composer.edition import compose as compose_edition
from digest.composer.edition import content_hash, edition_to_json
from digest.composer.rules import Issue, Rules
from digest.errors import NothingToDo
from digest.models import Candidate, Edition
from digest.scheduler.slots import Schedule, Slot, next_slot
from digest.store import audience, editions, posts, variants
from digest.store.comments import comments_of
from digest.store.engine import Database

#: A reader who is further behind than this gets what is newer.
MAX_WINDOW = timedelta(weeks=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What composing left on the desk."""

    edition_id: int
    edition: Edition
    content_hash: str
    #: Whether it differs from the draft that was there before.
    is_changed: bool


def compose(database: Database, rules: Rules, schedule: Schedule, *, now: datetime) -> Draft:
    """Make the draft of the next slot that has no frozen edition, or refresh it.

    The posts learned of since the last edition, their comments and the newsletter's rules become
    a stored, hashed snapshot. Where a reader missed earlier posts, because a mail to them failed,
    the pool reaches back to those; they alone are shown them.

    Raises:
        NothingToDo: fewer new posts than the newsletter's `min_posts`.
    """
    with database.read() as connection:
        slot = _open_slot(connection, rules, schedule, now)
        issue = _next_issue(connection, rules, slot, now)
        candidates = _read_candidates(connection, rules, issue)
    edition = compose_edition(rules, candidates, issue)
    new = [s for s in edition.stories if s.seq > issue.last_cut_seq] if edition else []
    if edition is None or len(new) < rules.min_posts:
        raise NothingToDo(
            f"newsletter {rules.newsletter}: {len(new)} new stories since the last edition,"
            f" {rules.min_posts} needed; no edition"
        )
    snapshot = edition_to_json(edition)
    with database.write() as connection:
        edition_id, is_changed = editions.save_draft(
            connection,
            newsletter=rules.newsletter,
            cadence=rules.cadence,
            slot=slot,
            number=issue.number,
            cut_seq=issue.cut_seq,
            snapshot=snapshot,
            content_hash=content_hash(snapshot),
            now=now,
        )
    return Draft(
        edition_id=edition_id,
        edition=edition,
        content_hash=content_hash(snapshot),
        is_changed=is_changed,
    )


def _open_slot(connection: Connection, rules: Rules, schedule: Schedule, now: datetime) -> Slot:
    zone = ZoneInfo(rules.timezone)
    slot = next_slot(schedule, zone, after=now)
    while editions.has_frozen_edition(connection, rules.newsletter, rules.cadence, slot.local_at):
        slot = next_slot(schedule, zone, after=slot.due_at)
    return slot


def _next_issue(connection: Connection, rules: Rules, slot: Slot, now: datetime) -> Issue:
    last_cut = editions.last_cut(connection, rules.newsletter, rules.cadence)
    return Issue(
        slot=slot.local_at,
        due_at=slot.due_at,
        number=editions.next_number(connection, rules.newsletter),
        since_seq=_widest_window(connection, rules.newsletter, last_cut, now),
        last_cut_seq=last_cut,
        cut_seq=posts.last_seq(connection),
        last_subject=variants.last_subject(connection, rules.newsletter, rules.cadence),
    )


def _widest_window(connection: Connection, newsletter: str, last_cut: int, now: datetime) -> int:
    """Give where the window of the reader starts who is furthest behind, within `MAX_WINDOW`."""
    furthest = audience.oldest_seen(connection, newsletter, now=now)
    if furthest is None:
        return last_cut
    reach = posts.last_seq_before(connection, now - MAX_WINDOW)
    return min(last_cut, max(furthest, reach))


def _read_candidates(connection: Connection, rules: Rules, issue: Issue) -> tuple[Candidate, ...]:
    found = posts.posts_between(connection, issue.since_seq, issue.cut_seq, rules.categories)
    comments = comments_of(connection, [post.id for post in found])
    return tuple(Candidate(post=post, comments=comments.get(post.id, ())) for post in found)
