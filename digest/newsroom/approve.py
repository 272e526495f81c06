"""Approves a draft, and checks before a send that its approval and its audience are valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.alerts import find_jump
from digest.composer.mend import Mend
from digest.composer.snapshot import edition_from_json
from digest.errors import NothingToDo, Refused
from digest.models import Actor, EditionState, StoredEdition
from digest.newsroom.audit import record
from digest.newsroom.context import RunContext
from digest.newsroom.editions import draft_edition
from digest.pipeline.audience import AudienceRule, approval_hash
from digest.pipeline.prepare import prepare, read_distribution
from digest.store import approvals, editions
from digest.store.engine import Database
from digest.store.waiting import count_waiting


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


def approve(context: RunContext, newsletter: str, edition_id: int | None, *, by: Actor) -> Approval:
    """Write and check every letter of a draft, and approve exactly the checked content.

    None as `edition_id` is the newsletter's newest draft.

    Raises:
        UsageError: the edition does not exist.
        Refused: a check finds an error, it is paused, or another process changed it.
        NothingToDo: it is already approved, or no longer a draft.
        TemplateError: a template cannot be rendered.
    """
    database, now = context.database, context.clock()
    with database.read() as connection:
        stored = draft_edition(connection, newsletter, edition_id)
    owner = context.newsletter_of(stored.newsletter)
    audience = owner.audience_of(stored.cadence, stored.local_at)
    _refuse_settled(stored, audience)
    prepared = prepare(database, stored, owner.writer, audience, now=now)
    _refuse_errors(stored, sum(finding.is_error for finding in prepared.findings))
    approved_hash = approval_hash(prepared.content_hash, audience)
    with database.write() as connection:
        editions.replace_snapshot(
            connection,
            stored.id,
            before=stored.content_hash,
            snapshot=prepared.snapshot,
            content_hash=prepared.content_hash,
        )
        if not approvals.approve(
            connection,
            stored.id,
            content_hash=prepared.content_hash,
            approved_hash=approved_hash,
        ):
            raise Refused(
                f"edition {stored.id}: another process changed it meanwhile; look at it with"
                f" `digest preview {stored.id}`, then run `digest approve {stored.id}` again"
            )
        record(
            context,
            connection,
            by,
            "approve",
            newsletter=stored.newsletter,
            edition_id=stored.id,
            detail=approved_hash[:12],
        )
    context.observer.approved(stored.id, by.name)
    return Approval(
        edition_id=stored.id,
        approved_hash=approved_hash,
        local_at=stored.local_at,
        timezone=owner.timezone,
        is_extra=stored.is_extra,
        subscribers=prepared.subscribers,
        variants=len(prepared.rendered),
        mended=prepared.mends,
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


def audience_jump(
    database: Database,
    stored: StoredEdition,
    audience: AudienceRule,
    *,
    most: float,
    now: datetime,
) -> str:
    """Return how a draft's audience differs too much from the last one of its cadence.

    Empty if it does not differ too much, or if an operator accepted this audience.
    """
    if stored.is_audience_accepted:
        return ""
    edition = edition_from_json(stored.snapshot)
    with database.read() as connection:
        subscribers = read_distribution(connection, edition, audience, now=now).subscribers
        last = editions.last_audience(connection, stored.newsletter, stored.cadence)
        # They are still subscribers, so they are no reason to hold the others' edition.
        waiting = sum(each.subscribers for each in count_waiting(connection, stored.newsletter))
    # Those of another cadence may wait too, so they only fill the difference.
    subscribers += min(waiting, max(0, last - subscribers))
    return find_jump(subscribers, last, most=most)
