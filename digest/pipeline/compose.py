"""Composes the posts of a window into a stored draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.composer.edition import apply_typed
from digest.composer.edition import compose as compose_edition
from digest.composer.rules import Issue, Rules
from digest.composer.selection.select import select
from digest.composer.snapshot import content_hash, edition_from_json, keep_text
from digest.errors import NothingToDo, Refused
from digest.models import (
    Accounts,
    AuditEntry,
    Candidate,
    Edition,
    EditorChanges,
    Omission,
    Reason,
    Slot,
    Step,
    StoredEdition,
)
from digest.pipeline.accounts import account_window, explain_nothing
from digest.pipeline.choosing import (
    include_posts,
    record_choices,
    refuse_long,
    retype,
    tie_to_lead,
    typed_from_json,
    typed_to_json,
)
from digest.pipeline.editing import Recorded, record_edit, record_undo, take_back
from digest.pipeline.judging import Judge, judge_comments
from digest.pipeline.policy import with_no_quotes
from digest.pipeline.window import next_issue, read_window
from digest.scheduler.slots import Schedule, shown_cadence
from digest.store import drafts, editions, unmailed
from digest.store.audit import add_entry
from digest.store.choices import CadenceName, read_choices
from digest.store.engine import Connection, Database
from digest.text.counted import counted
from subscribers.segments import EVERYBODY, Segment

_NO_CHANGES = EditorChanges()


@dataclass(frozen=True, slots=True, kw_only=True)
class Editing:
    """The way in which a draft is changed."""

    step: Step = Step.EDIT
    #: The version of the draft that the editor saw; None if it does not matter.
    seen: int | None = None
    #: Whether posts that became known after the draft stay out of it.
    keeps_window: bool = False
    #: Whether a change is refused, and the draft kept, if it would leave too few posts.
    keeps_draft: bool = False


_BY_HAND = Editing()


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
    #: The editor's change, to be undone; None if nothing was changed, or there was no draft yet.
    recorded: Recorded | None = None
    #: Why comments were held because the newsletter's own judge gave no verdict; else empty.
    judge_trouble: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """The lines that an operator must know: what the change ended, and what failed."""
        void = (
            f"edition {self.edition_id}: its approval is void because its content changed; run"
            f" `digest approve {self.edition_id}` again"
        )
        lines = (void if self.is_void else "", self.judge_trouble)
        return (*filter(None, lines), *map(self._cancelled_line, self.cancelled))

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
    editing: Editing = _BY_HAND,
    judge: Judge | None = None,
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
        editing: how the draft is changed.
        judge: the newsletter's own judge of comments, if its rules name one.

    Raises:
        NothingToDo: there are fewer new posts than the newsletter's `min_posts`, or the slot's
            edition is already frozen. With too few posts the changes are stored all the same, and
            the draft composed before them is cancelled, unless `editing` keeps it.
        UsageError: a change names a post that does not exist, or one post twice, or a text is too
            long.
        Refused: a post to include is mailed already, or a change cannot be undone.
        StaleDraft: the draft is not the one that the editor saw.
    """
    refuse_long(changes)
    with database.read() as connection:
        has_due = unmailed.has_due(connection, now=now)
    if has_due:
        with database.write() as connection:
            unmailed.release_due(connection, now=now)
    work = _Work(database, rules, schedule, now, slot, changes, audit, editing)
    recorded, is_pending = work.record()
    while True:
        with database.read() as connection:
            draft = _draft_of(connection, rules, slot)
            issue = next_issue(connection, rules, slot, now - max_window, segment)
            if editing.keeps_window and draft and not (recorded and recorded.has_included):
                issue = replace(issue, cut_seq=draft.cut_seq)
            chosen = read_choices(connection, rules.newsletter)
            candidates = read_window(connection, rules, issue, chosen)
            present = with_no_quotes(connection, rules)
        candidates, trouble = judge_comments(
            database, present, candidates, issue, chosen, judge, now=now
        )
        edition = compose_edition(present, candidates, issue, chosen)
        if edition is None:
            work.give_up(recorded, issue, candidates)
        elif saved := work.save(recorded, edition, _version(draft), present, is_pending=is_pending):
            return replace(saved, judge_trouble=trouble)


@dataclass(frozen=True, slots=True)
class _Work:
    """The arguments of `compose` that its steps need."""

    database: Database
    rules: Rules
    schedule: Schedule
    now: datetime
    slot: Slot
    changes: EditorChanges
    audit: AuditEntry | None
    editing: Editing

    @property
    def _entry(self) -> AuditEntry:
        return self.audit or AuditEntry(at=self.now, actor="", action="change")

    def record(self) -> tuple[Recorded | None, bool]:
        """Store the changes; return them, and whether their texts wait for the first draft."""
        if not (self.changes.is_any or self.editing.step is not Step.EDIT):
            return None, False
        with self.database.write() as connection:
            draft = _draft_of(connection, self.rules, self.slot)
            skips = f"{self.rules.cadence}/{self.slot.local_at}"
            if draft is None and self.editing.step is not Step.EDIT:
                raise NothingToDo(f"newsletter {self.rules.newsletter}: no draft to change")
            if draft is None:
                include_posts(connection, self.changes.include, now=self.now)
                record_choices(connection, self.rules.newsletter, self.changes, skips=skips)
                return None, True
            audit, step, seen = self._of(draft), self.editing.step, self.editing.seen
            if step is Step.EDIT:
                done = record_edit(connection, draft, self.changes, audit, skips=skips, seen=seen)
                return done, False
            return record_undo(connection, draft, step, audit, seen=seen), False

    def _of(self, draft: StoredEdition) -> AuditEntry:
        return replace(self._entry, edition_id=draft.id)

    def save(
        self,
        recorded: Recorded | None,
        edition: Edition,
        version: int,
        present: Rules,
        *,
        is_pending: bool,
    ) -> Draft | None:
        """Store the draft; None if an editor changed it, or excluded a person, meanwhile."""
        with self.database.write() as connection:
            before = _draft_of(connection, self.rules, self.slot)
            if _version(before) != version:
                return None
            if with_no_quotes(connection, self.rules) != present:
                return None
            changes = self.changes if is_pending else _NO_CHANGES
            draft = _save(connection, edition, self.slot, changes, self.now)
            if self.audit and not recorded and (draft.is_changed or changes.is_any):
                add_entry(connection, replace(self.audit, edition_id=draft.edition_id))
            if self.audit and draft.is_void:
                void = "the content changed after the approval"
                voided = replace(self.audit, action="void approval", detail=void)
                add_entry(connection, replace(voided, edition_id=draft.edition_id))
        return replace(draft, recorded=recorded)

    def give_up(
        self, recorded: Recorded | None, issue: Issue, candidates: Sequence[Candidate]
    ) -> None:
        """Raise the error of an edition with too few posts."""
        new = sum(candidate.post.seq > issue.last_cut_seq for candidate in candidates)
        if self.editing.keeps_draft and recorded is not None:
            self._take_back(recorded)
            needed = max(self.rules.min_posts, 1)
            raise Refused(
                f"newsletter {self.rules.newsletter}: without it fewer than {needed} of"
                f" {counted(new, 'new post')} would be left, and no edition; nothing was stored. To"
                " send none, cancel it"
            )
        if self.changes.posts or self.changes.include:
            self._cancel_draft(recorded)
        with self.database.read() as connection:
            others = explain_nothing(connection, self.rules, issue)
        raise NothingToDo(
            f"newsletter {self.rules.newsletter}: new posts since"
            f" {_last_edition(self.rules, self.schedule)}:"
            f" {new}, at least {self.rules.min_posts} needed; no edition was made{others}"
        )

    def _take_back(self, recorded: Recorded) -> None:
        with self.database.write() as connection:
            draft = _draft_of(connection, self.rules, self.slot)
            if draft is not None:
                take_back(connection, draft, recorded, self._of(draft))

    def _cancel_draft(self, recorded: Recorded | None) -> None:
        """Cancel the draft that was composed before the changes left too few posts."""
        with self.database.write() as connection:
            drafts.take_back(connection, self.rules.newsletter, self.rules.cadence, self.slot)
            if self.audit is not None and recorded is None:
                add_entry(connection, self.audit)


def _draft_of(connection: Connection, rules: Rules, slot: Slot) -> StoredEdition | None:
    """Return the draft of a slot; None if there is none."""
    found = drafts.live_draft(connection, rules.newsletter, rules.cadence, is_extra=slot.is_extra)
    return found if found is not None and found.local_at == slot.local_at else None


def _version(draft: StoredEdition | None) -> int:
    return draft.version if draft is not None else 0


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
        issue = next_issue(connection, rules, slot, now - max_window, segment)
        chosen = read_choices(connection, rules.newsletter)
        candidates = read_window(connection, rules, issue, chosen)
        selection = select(rules, candidates, issue, chosen)
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
    before = drafts.live_draft(connection, *names, is_extra=is_extra)
    if before is not None and before.local_at != slot.local_at:
        before = None
    edition = _keep_approved_results(edition, before)
    stored = before.typed if before else ""
    typed = retype(stored, changes) if changes.has_texts else typed_from_json(stored)
    typed = tie_to_lead(typed, edition)
    edition = apply_typed(edition, typed)
    snapshot = keep_text(edition, before.snapshot if before else "")
    saved = drafts.save_draft(
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
