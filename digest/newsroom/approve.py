"""Approves a draft, and checks before a send that its approval is valid."""

from __future__ import annotations

from dataclasses import dataclass

from digest.composer.mend import Mend
from digest.composer.snapshot import edition_from_json
from digest.errors import NothingToDo, Refused, UsageError
from digest.models import Actor, EditionState, StoredEdition
from digest.models.examinations import ApprovalMark, Examination
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.diff import diff_of, in_words
from digest.newsroom.editions import draft_edition
from digest.newsroom.proof.examine import examination_of, prepare_with
from digest.newsroom.proof.memory import LetterMemory
from digest.newsroom.proof.withdraw import withdraw as withdraw_approval
from digest.pipeline.audience import AudienceRule, approval_hash
from digest.pipeline.prepare import Prepared
from digest.store import approvals, drafts, editions, examinations
from digest.store.engine import Connection

#: Letters of a hash that name a content.
_HASH_LETTERS = 12
#: Changes that a refusal names.
_MOST_LINES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approved edition."""

    edition_id: int
    #: `approval_hash` of the stored content and the audience rule.
    approved_hash: str
    #: Wall clock of its slot in `timezone`, such as `2026-11-23T07:00`.
    local_at: str
    #: IANA name.
    timezone: str
    #: Whether it is beside the calendar; then `local_at` is when it was composed.
    is_extra: bool
    subscribers: int
    variants: int
    #: Stories and parts of stories that were left out because a check found an error in them.
    mended: tuple[Mend, ...]


def approve(
    context: RunContext,
    newsletter: str,
    edition_id: int | None,
    *,
    by: Actor,
    looked_at: str = "",
    accepted_audience: int | None = None,
    memory: LetterMemory | None = None,
) -> Approval:
    """Write and check every letter of a draft, and approve exactly the checked content.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        edition_id: the edition; None for the newsletter's newest draft.
        by: the actor.
        looked_at: the hash of what the approver saw, or at least the first 12 letters of it. Empty
            to approve the present content, whatever it is.
        accepted_audience: the number of subscribers that may differ much from the last one; None
            if none was accepted.
        memory: letters that were written before; None to write all.

    Raises:
        UsageError: the edition does not exist, or the hash is too short.
        Refused: a check finds an error, it is paused, another process changed it, or its content
            is not what the approver saw.
        NothingToDo: it is already approved, or no longer a draft.
        TemplateError: a template cannot be rendered.
    """
    database = context.database
    with database.read() as connection:
        stored = draft_edition(connection, newsletter, edition_id)
    owner = context.newsletter_of(stored.newsletter)
    audience = owner.audience_of(stored.cadence, stored.local_at)
    _refuse_settled(stored, audience)
    prepared = prepare_with(context, memory, stored)
    examination = examination_of(context, stored, prepared, by=by)
    if looked_at:
        _refuse_unseen(context, stored, examination, looked_at)
    _refuse_errors(stored, sum(finding.is_error for finding in prepared.findings))
    with database.write() as connection:
        _store(connection, stored, prepared, examination)
        if accepted_audience is not None:
            approvals.accept_audience(connection, stored.id, accepted_audience)
        record(
            context,
            connection,
            by,
            "approve",
            newsletter=stored.newsletter,
            edition_id=stored.id,
            detail=examination.hash[:12],
        )
    context.observer.approved(stored.id, by.name)
    return Approval(
        edition_id=stored.id,
        approved_hash=examination.hash,
        local_at=stored.local_at,
        timezone=owner.timezone,
        is_extra=stored.is_extra,
        subscribers=prepared.subscribers,
        variants=len(prepared.rendered),
        mended=prepared.mends,
    )


def _store(
    connection: Connection, stored: StoredEdition, prepared: Prepared, examination: Examination
) -> None:
    """Store the content that was checked, and its approval."""
    drafts.replace_snapshot(connection, stored, prepared.snapshot, prepared.content_hash)
    is_approved = approvals.approve(
        connection,
        stored.id,
        content_hash=prepared.content_hash,
        approved_hash=examination.hash,
    )
    if not is_approved:
        raise Refused(
            f"edition {stored.id}: another process changed it meanwhile; look at it with"
            f" `digest preview {stored.id}`, then run `digest approve {stored.id}` again"
        )
    examinations.save(connection, examination)
    examinations.mark(
        connection,
        stored.id,
        examination.hash,
        ApprovalMark.APPROVED,
        by=examination.made_by,
        at=examination.made_at,
    )


def withdraw(context: RunContext, newsletter: str, edition_id: int | None, *, by: Actor) -> int:
    """Take the approval of an edition back and return its id; see `proof.withdraw`.

    None as `edition_id` is the newsletter's newest draft, approved or not.

    Raises:
        UsageError: the edition does not exist.
        NothingToDo: it is not approved, or its mails are already being sent.
    """
    with context.database.read() as connection:
        stored = draft_edition(connection, newsletter, edition_id)
    withdraw_approval(context, stored.id, by=by)
    return stored.id


def _refuse_unseen(
    context: RunContext, stored: StoredEdition, present: Examination, looked_at: str
) -> None:
    """Check that the present content and audience rule are those that the approver saw."""
    if len(looked_at) < _HASH_LETTERS:
        raise UsageError(f"hash {looked_at!r}: give at least its first {_HASH_LETTERS} letters")
    if present.hash.startswith(looked_at.lower()):
        return
    with context.database.read() as connection:
        seen = examinations.find(connection, stored.id, looked_at.lower())
    what = ""
    if seen is not None:
        found = diff_of(edition_from_json(seen.snapshot), edition_from_json(present.snapshot))
        what = ": " + "; ".join(
            in_words(found)[:_MOST_LINES] or ["its audience rule, or a part that is not printed"]
        )
    raise Refused(
        f"edition {stored.id} is not approved, because it changed since you looked at it{what}."
        " Look at it again, then approve it"
    )


def _refuse_errors(stored: StoredEdition, errors: int) -> None:
    if errors:
        raise Refused(
            f"edition {stored.id}: blocked by {errors} error{'s' if errors > 1 else ''};"
            f" see `digest check {stored.id}`"
        )


def _is_approved(stored: StoredEdition, audience: AudienceRule) -> bool:
    is_same = stored.approved_hash == approval_hash(stored.content_hash, audience)
    return is_same and stored.state is EditionState.APPROVED


def _refuse_settled(stored: StoredEdition, audience: AudienceRule) -> None:
    if _is_approved(stored, audience):
        raise NothingToDo(f"edition {stored.id}: already approved ({stored.approved_hash[:12]})")
    if stored.state is EditionState.PAUSED:
        raise Refused(
            f"edition {stored.id}: paused ({stored.paused_reason});"
            f" run `digest resume {stored.id}` first"
        )
    if stored.state not in editions.OPEN:
        raise NothingToDo(f"edition {stored.id}: no longer a draft ({stored.state})")


def require_approval(
    stored: StoredEdition, audience: AudienceRule, *, is_review_required: bool
) -> str | None:
    """Return the hash that was approved; None if no approval is needed.

    Raises:
        Refused: approval is needed, and this content was not approved for this audience.
    """
    if not is_review_required:
        return None
    if stored.state is not EditionState.APPROVED:
        raise Refused(
            f"edition {stored.id}: waits for approval; look at it with"
            f" `digest preview {stored.id}`, then run `digest approve {stored.id}`"
        )
    if not _is_approved(stored, audience):
        raise Refused(
            f"edition {stored.id}: its audience changed after its approval; look at it with"
            f" `digest check {stored.id}`, then run `digest approve {stored.id}`"
        )
    return stored.approved_hash
