"""Composes the posts of a window into a stored draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from digest.composer.edition import apply_typed
from digest.composer.edition import compose as compose_edition
from digest.composer.rules import Issue, Rules
from digest.composer.selection.select import select
from digest.composer.snapshot import content_hash, edition_from_json, keep_text
from digest.errors import NothingToDo, Refused, UsageError
from digest.letter.planning.subject import MAX_SUBJECT
from digest.models import (
    Accounts,
    AuditEntry,
    CadenceAudience,
    Candidate,
    Choice,
    Edition,
    EditorChanges,
    Omission,
    PictureFiles,
    Post,
    Reason,
    Slot,
    StoredEdition,
    Typed,
)
from digest.pipeline.accounts import account_window, explain_nothing
from digest.pipeline.policy import with_no_quotes
from digest.pipeline.poll import read_last_poll
from digest.scheduler.slots import Schedule, shown_cadence
from digest.store import audience, choices, editions, posts, unmailed, variants
from digest.store.audit import add_entry
from digest.store.choices import CadenceName, read_choices
from digest.store.comments import comments_of
from digest.store.engine import Connection, Database
from digest.store.pictures import files_of
from subscribers.segments import EVERYBODY, Segment

_NO_CHANGES = EditorChanges()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A stored draft."""

    edition_id: int
    edition: Edition
    #: Canonical JSON of `edition`.
    snapshot: str
    content_hash: str
    #: Whether it differs from the draft that was stored before.
    is_changed: bool
    #: Whether this change voided an approval.
    is_void: bool = False
    #: Drafts of other slots that were cancelled because this draft has their posts.
    cancelled: tuple[StoredEdition, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """The things that the change ended, one line each: an approval, other drafts."""
        void = (
            f"edition {self.edition_id}: its approval is void because its content changed; run"
            f" `digest approve {self.edition_id}` again"
        )
        return (*((void,) if self.is_void else ()), *map(self._cancelled_line, self.cancelled))

    def _cancelled_line(self, old: StoredEdition) -> str:
        approved = ", which was approved" if old.approved_hash else ""
        return (
            f"edition {old.id} of {old.newsletter} ({old.cadence}), due {old.hour}{approved}, is"
            f" cancelled: edition {self.edition_id}, due {self.edition.slot.replace('T', ' ')}, has"
            " its posts"
        )


def compose(
    database: Database,
    rules: Rules,
    schedule: Schedule,
    *,
    now: datetime,
    slot: Slot,
    max_window: timedelta = timedelta(weeks=5),
    segment: Segment = EVERYBODY,
    changes: EditorChanges = _NO_CHANGES,
    audit: AuditEntry | None = None,
) -> Draft:
    """Make the draft of a slot, or refresh it.

    The posts that became known since the cadence's last edition, their comments and the
    newsletter's rules become a stored, hashed snapshot. If a subscriber is further behind, after a
    pause or because a mail to them failed, the edition also has the posts that they missed; only
    such subscribers get these posts.

    Args:
        database: the database, with this program's schema.
        rules: the rules of the newsletter and the cadence.
        schedule: the schedule of the cadence.
        now: the time of composing.
        slot: the slot.
        max_window: the longest window of a subscriber.
        segment: the part of the newsletter's subscribers that it is for.
        changes: the editor's changes; stored with the posts and with this edition.
        audit: the audit row to store if the draft changes.

    Raises:
        NothingToDo: there are fewer new posts than the newsletter's `min_posts`, or the slot's
            edition is already frozen. With too few posts the changes are stored all the same, and
            the draft composed before them is cancelled.
        UsageError: a change names a post that does not exist, or one post twice, or the subject is
            too long.
        Refused: a post to include is mailed already.
    """
    refuse_long(changes)
    with database.read() as connection:
        has_due = unmailed.has_due(connection, now=now)
    if has_due:
        with database.write() as connection:
            unmailed.release_due(connection, now=now)
    if changes.include:
        with database.write() as connection:
            include_posts(connection, changes, now=now)
    if changes.posts:
        with database.write() as connection:
            skips = f"{rules.cadence}/{slot.local_at}"
            record_choices(connection, rules.newsletter, changes, skips=skips)
    with database.read() as connection:
        issue = _next_issue(connection, rules, slot, now - max_window, segment)
        candidates = _read_candidates(connection, rules, issue)
        choices = read_choices(connection, rules.newsletter)
        rules = with_no_quotes(connection, rules)
    edition = compose_edition(rules, candidates, issue, choices)
    if edition is None:
        if changes.posts or changes.include:
            _take_back(database, rules, slot, audit)
        new = sum(candidate.post.seq > issue.last_cut_seq for candidate in candidates)
        with database.read() as connection:
            others = explain_nothing(connection, rules, issue)
        raise NothingToDo(
            f"newsletter {rules.newsletter}: new posts since {_last_edition(rules, schedule)}:"
            f" {new}, at least {rules.min_posts} needed; no edition was made{others}"
        )
    with database.write() as connection:
        draft = _save(connection, edition, slot, changes, now)
        if audit is not None and (draft.is_changed or changes.is_any):
            add_entry(connection, replace(audit, edition_id=draft.edition_id))
    return draft


def account_next(
    database: Database,
    rules: Rules,
    *,
    slot: Slot,
    now: datetime,
    max_window: timedelta = timedelta(weeks=5),
    segment: Segment = EVERYBODY,
) -> Accounts:
    """Return the posts since the last edition, and why they make no edition."""
    with database.read() as connection:
        issue = _next_issue(connection, rules, slot, now - max_window, segment)
        candidates = _read_candidates(connection, rules, issue)
        selection = select(rules, candidates, issue, read_choices(connection, rules.newsletter))
        text = f"waits until there are at least {rules.min_posts} new posts"
        too_few = tuple(
            Omission(
                post_id=each.pick.candidate.post.id,
                title=each.pick.candidate.post.title,
                reason=Reason(code="too-few", text=text),
            )
            for each in selection.picks
            if each.pick.is_new
        )
        return account_window(
            connection,
            CadenceName(rules.newsletter, rules.cadence),
            issue.last_cut_seq,
            issue.cut_seq,
            rules.categories,
            omitted=(*too_few, *selection.omitted),
        )


def _last_edition(rules: Rules, schedule: Schedule) -> str:
    shown = shown_cadence(rules.cadence, schedule)
    is_named = shown == rules.cadence
    return f"the last {shown} edition" if is_named else f"the last edition ({shown})"


def _take_back(database: Database, rules: Rules, slot: Slot, audit: AuditEntry | None) -> None:
    """Cancel the draft that was composed before the changes left too few posts."""
    with database.write() as connection:
        editions.take_back(connection, rules.newsletter, rules.cadence, slot)
        if audit is not None:
            add_entry(connection, audit)


def _save(
    connection: Connection, edition: Edition, slot: Slot, changes: EditorChanges, now: datetime
) -> Draft:
    is_extra = slot.is_extra
    names = (edition.newsletter, edition.cadence)
    if editions.has_frozen_edition(connection, *names, slot.local_at, is_extra=is_extra):
        raise NothingToDo(
            f"newsletter {edition.newsletter}: the {edition.cadence} edition of"
            f" {slot.local_at.replace('T', ' ')} is already frozen; see `digest status`"
        )
    # Another cadence may have taken the number while this edition was composed.
    number = editions.next_number(connection, *names, is_extra=is_extra)
    edition = replace(edition, number=number)
    before = editions.live_draft(connection, *names, is_extra=is_extra)
    if before is not None and before.local_at != slot.local_at:
        before = None
    edition = _keep_approved_results(edition, before)
    typed = retype(before.typed if before else "", changes, edition)
    edition = apply_typed(edition, typed)
    snapshot = keep_text(edition, before.snapshot if before else "")
    saved = editions.save_draft(
        connection,
        newsletter=edition.newsletter,
        cadence=edition.cadence,
        slot=slot,
        number=number,
        cut_seq=edition.cut_seq,
        snapshot=snapshot,
        content_hash=content_hash(snapshot),
        now=now,
        typed=typed_to_json(typed),
        is_edited=changes.is_any or (before is not None and before.is_edited),
    )
    return Draft(
        edition_id=saved.edition_id,
        edition=edition,
        snapshot=snapshot,
        content_hash=content_hash(snapshot),
        is_changed=saved.is_changed,
        is_void=saved.is_void,
        cancelled=saved.cancelled,
    )


def _keep_approved_results(edition: Edition, before: StoredEdition | None) -> Edition:
    """Return the edition with the counts of its approved draft: one more answer voids nothing."""
    if before is None or not before.approved_hash:
        return edition
    kept, counted = edition_from_json(before.snapshot).poll_results, edition.poll_results
    if kept is not None and counted is not None and kept.edition_id != counted.edition_id:
        return edition
    return replace(edition, poll_results=kept)


def _next_issue(
    connection: Connection, rules: Rules, slot: Slot, oldest: datetime, segment: Segment
) -> Issue:
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


def _read_candidates(connection: Connection, rules: Rules, issue: Issue) -> tuple[Candidate, ...]:
    found = posts.posts_between(
        connection,
        issue.since_seq,
        issue.cut_seq,
        rules.categories,
        CadenceName(rules.newsletter, rules.cadence),
    )
    return read_candidates(connection, found, rules)


def read_candidates(
    connection: Connection, posts: Sequence[Post], rules: Rules
) -> tuple[Candidate, ...]:
    """Return posts with their comments, and with stored pictures if the newsletter uses them."""
    comments = comments_of(connection, [post.id for post in posts])
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


_TYPED = TypeAdapter(Typed)


def include_posts(connection: Connection, changes: EditorChanges, *, now: datetime) -> None:
    """Let posts into the mail that intake kept, such as an archive; for every newsletter.

    Raises:
        UsageError: a post does not exist.
        Refused: a post is one that mails may have already.
    """
    _refuse_unknown(connection, changes.include)
    for post_id in unmailed.mailable_posts(connection, changes.include):
        raise Refused(
            f"post {post_id}: it is not kept out of the mail, so there is nothing to include;"
            " to show it again, use --pin while it is new"
        )
    unmailed.include_posts(connection, changes.include, now=now)


def record_choices(
    connection: Connection, newsletter: str, changes: EditorChanges, *, skips: str
) -> None:
    """Store an editor's choices for posts.

    Texts and quotes that were chosen for a post stay, unless it is reset.

    Args:
        connection: a connection with a write transaction.
        newsletter: the newsletter's name.
        changes: the editor's changes.
        skips: the edition, as `cadence/slot`, without the posts that are kept for the next one.

    Raises:
        UsageError: a post does not exist, or is named twice.
    """
    _refuse_unclear(connection, changes)
    known = choices.read_choices(connection, newsletter)
    first = choices.last_place(connection, newsletter) + 1
    plain = {post_id: _plain(known, post_id) for post_id in changes.posts}
    changed = {
        **{
            each: replace(plain[each], pinned=place)
            for place, each in enumerate(changes.pin, first)
        },
        **{each: replace(plain[each], is_dropped=True) for each in changes.drop},
        **{each: replace(plain[each], skips=skips) for each in changes.next_time},
    }
    for post_id, choice in changed.items():
        choices.save_choice(connection, newsletter, post_id, choice)
    choices.clear(connection, newsletter, changes.reset)


def refuse_long(changes: EditorChanges) -> None:
    """Check that the subject is not too long for a mail.

    Raises:
        UsageError: the subject is too long.
    """
    length = len(" ".join((changes.subject or "").split()))
    if length > MAX_SUBJECT:
        raise UsageError(
            f"the subject has {length} characters; shorten it to at most {MAX_SUBJECT}"
        )


def _plain(known: dict[int, Choice], post_id: int) -> Choice:
    return replace(known.get(post_id, Choice()), pinned=0, is_dropped=False, skips="")


def _refuse_unclear(connection: Connection, changes: EditorChanges) -> None:
    _refuse_unknown(connection, changes.posts)
    if twice := _twice(changes.posts):
        raise UsageError(f"post {twice[0]}: named twice; give one change for each post")


def _refuse_unknown(connection: Connection, post_ids: Sequence[int]) -> None:
    for post_id in choices.unknown_posts(connection, post_ids):
        raise UsageError(
            f"Post {post_id} does not exist; see the post ids in `digest compose --explain`."
        )


def _twice(post_ids: Sequence[int]) -> list[int]:
    return [post_id for post_id in post_ids if post_ids.count(post_id) > 1]


def retype(stored: str, changes: EditorChanges, edition: Edition) -> Typed:
    """Return an edition's typed texts after an editor's changes.

    Args:
        stored: the typed texts before, as JSON; may be empty.
        changes: the editor's changes.
        edition: the composed edition; a new subject or preheader is tied to its first story.
    """
    typed = _TYPED.validate_json(stored) if stored else Typed()
    if changes.subject is None and changes.preheader is None and changes.intro is None:
        return typed
    if changes.subject is not None or changes.preheader is not None:
        typed = replace(typed, typed_for=_first_story(edition))
    return replace(
        typed,
        subject=_either(changes.subject, typed.subject),
        preheader=_either(changes.preheader, typed.preheader),
        intro=_paragraphs(typed.intro if changes.intro is None else changes.intro),
    )


def typed_to_json(typed: Typed) -> str:
    """Return the typed texts as JSON for the database; empty if there are none."""
    return "" if typed == Typed() else _TYPED.dump_json(typed).decode()


def _first_story(edition: Edition) -> int:
    """Return the post id of the story that most subscribers see first."""
    new = (story.post_id for story in edition.stories if story.seq > edition.last_cut_seq)
    return next(new)


def _either(asked: str | None, before: str) -> str:
    return before if asked is None else " ".join(asked.split())


def _paragraphs(texts: Iterable[str] | None) -> tuple[str, ...] | None:
    return tuple(text.strip() for text in texts or () if text.strip()) or None
