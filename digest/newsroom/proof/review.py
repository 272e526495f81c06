"""The facts that an approver decides by, and the approval of exactly those."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.composer.snapshot import edition_from_json
from digest.errors import UsageError
from digest.models import Actor, EditionState, StoredEdition
from digest.models.examinations import ApprovalMark, Examination
from digest.newsroom import approve as approving
from digest.newsroom.approve import Approval
from digest.newsroom.context import RunContext
from digest.newsroom.diff import EditionDiff, diff_of
from digest.newsroom.editions import named_edition
from digest.newsroom.proof.memory import LetterMemory
from digest.pipeline.audience import approval_hash
from digest.pipeline.prepare import first_mail_at
from digest.store import editions, examinations


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A draft with what an approver decides by."""

    edition_id: int
    number: int
    state: EditionState
    is_extra: bool
    #: Whether it may still be approved: it is neither frozen nor ended.
    is_open: bool
    #: Whether the newsletter sends nothing without approval.
    is_reviewed: bool
    #: Whether it is approved, with this content and this audience rule.
    is_approved: bool
    #: What was approved last, also if that is void now; None if nothing was.
    approved: Examination | None
    #: Why an approval is void; empty if there is none, or if it is valid.
    void: str
    #: The newest examination; None if there is none yet.
    examination: Examination | None
    #: Whether it is of the present content and audience rule.
    is_current: bool
    #: The changes since the last approval; None if nothing was approved.
    since_approval: EditionDiff | None
    #: The changes since the edition before it; None if it is the first.
    since_last: EditionDiff | None
    last_edition_id: int | None
    #: When its first mail is due, if it is approved now.
    sends_at: datetime
    #: Whether its hour has come, so that it is sent as soon as it is approved.
    is_due: bool
    #: How each subscriber's own clock decides the hour of the mail.
    is_local: bool
    timezone: str

    @property
    def can_approve(self) -> bool:
        """Whether the form may be sent: everything is examined and no error is left."""
        examined = self.examination
        is_fine = examined is not None and self.is_current and not examined.report.errors
        return is_fine and self.state in editions.OPEN and not self.is_approved


def read_review(context: RunContext, edition_id: int) -> Review:
    """Return what an approver decides by; nothing is counted or written for it.

    Raises:
        UsageError: the edition or its newsletter does not exist.
        CorruptStoreError: its stored text is damaged.
    """
    now = context.clock()
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
        owner = context.newsletter_of(stored.newsletter)
        audience = owner.audience_of(stored.cadence, stored.local_at)
        present = approval_hash(stored.content_hash, audience)
        newest = examinations.newest(connection, edition_id)
        approved = examinations.last_approved(connection, edition_id)
        last = editions.frozen_before(connection, stored)
    is_approved = stored.approved_hash == present and stored.state is EditionState.APPROVED
    return Review(
        edition_id=stored.id,
        number=stored.number,
        state=stored.state,
        is_extra=stored.is_extra,
        is_open=stored.state in editions.UNFROZEN and stored.frozen_at is None,
        is_reviewed=owner.is_reviewed,
        is_approved=is_approved,
        approved=approved,
        void=_why_void(stored, approved, present),
        examination=newest,
        is_current=newest is not None and present in (newest.made_from, newest.hash),
        since_approval=_diff(approved.snapshot if approved else "", stored),
        since_last=_diff(last.snapshot if last else "", stored),
        last_edition_id=last.id if last else None,
        sends_at=first_mail_at(stored, at_once=now),
        is_due=stored.due_at <= now,
        is_local=audience.is_local,
        timezone=owner.timezone,
    )


def approve(
    context: RunContext,
    memory: LetterMemory,
    edition_id: int,
    *,
    looked_at: str,
    typed: str,
    by: Actor,
) -> Approval:
    """Approve exactly what was looked at, after a typed confirmation.

    Args:
        context: the installation's context.
        memory: the letters that were written before.
        edition_id: the edition.
        looked_at: the whole hash of the examination that the approver saw.
        typed: the number of subscribers, or the number of the edition. If the audience differs much
            from the last one, only the number of subscribers, which accepts it.
        by: the actor.

    Raises:
        UsageError: the edition does not exist, or the typed number is another one.
        Refused: it changed since, a check finds an error, or it is paused.
        NothingToDo: it is already approved, or no longer a draft.
        TemplateError: a template cannot be rendered.
    """
    with context.database.read() as connection:
        stored = named_edition(connection, edition_id)
        seen = examinations.find(connection, edition_id, looked_at)
    if seen is None:
        raise UsageError(f"edition {edition_id}: check it first, then approve what you saw")
    _refuse_typed(stored, seen, typed)
    return approving.approve(
        context,
        stored.newsletter,
        edition_id,
        by=by,
        looked_at=seen.hash,
        accepted_audience=seen.report.subscribers if seen.report.jump else None,
        memory=memory,
    )


def _refuse_typed(stored: StoredEdition, seen: Examination, typed: str) -> None:
    subscribers = str(seen.report.subscribers)
    wanted = {subscribers} if seen.report.jump else {subscribers, str(stored.number)}
    given = "".join(letter for letter in typed if letter.isalnum()).lower().removeprefix("no")
    if given in wanted:
        return
    either = "" if seen.report.jump else " or the number of the edition"
    raise UsageError(
        f"nothing was approved: type the number of subscribers{either}, as shown on the page"
    )


def _why_void(stored: StoredEdition, approved: Examination | None, present: str) -> str:
    if approved is None or approved.mark is not ApprovalMark.APPROVED:
        is_known = bool(stored.approved_hash) and stored.frozen_at is None
        return "its audience changed" if is_known and stored.approved_hash != present else ""
    if stored.frozen_at is not None or stored.approved_hash == present:
        return ""
    if stored.approved_hash:
        return "its audience changed"
    return "its content changed"


def _diff(before: str, stored: StoredEdition) -> EditionDiff | None:
    if not before:
        return None
    return diff_of(edition_from_json(before), edition_from_json(stored.snapshot))
