"""Freezes a draft: stores its letters and writes its deliveries, after which it never changes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import NoReturn

from digest.errors import NothingToDo, Refused
from digest.letter.writer import LetterWriter
from digest.models import AudienceGroup, AuditEntry, Finding, StoredEdition
from digest.pipeline.audience import AudienceRule, Distribution, approval_hash
from digest.pipeline.prepare import (
    Prepared,
    RenderedVariant,
    first_mail_at,
    prepare,
    read_distribution,
    read_present,
)
from digest.pipeline.removed import note_of, take_out_removed
from digest.store import closing, drafts, editions, variants, votes
from digest.store.audience import PlannedGroup, freeze_groups, start_newcomers
from digest.store.audit import add_entry
from digest.store.choices import CadenceName, carry_over
from digest.store.engine import Connection, Database
from digest.store.releases import release_dead
from subscribers.tokens import key_id

#: Whether the edition may still be frozen; called with the connection of the freeze.
Confirm = Callable[[Connection], bool]


def freeze(
    database: Database,
    stored: StoredEdition,
    writer: LetterWriter,
    audience: AudienceRule,
    *,
    keys: tuple[str, ...],
    now: datetime,
    not_before: datetime | None = None,
    is_at_once: bool = False,
    approved_hash: str | None = None,
    audit: AuditEntry | None = None,
    confirm: Confirm | None = None,
) -> int:
    """Store a draft's letters and write one delivery for each subscriber: all or nothing.

    No mail leaves before `not_before` (None for `now`). With `is_at_once` every mail is due then,
    also with local delivery. If `approved_hash` is given, only what it names may be frozen (see
    `approval_hash`), less the comments that their sites have removed since; an approval that is
    taken back until the deliveries are written counts. `audit` is the row to store in the audit
    table. `confirm` is called in the transaction that freezes.

    Returns:
        The number of deliveries written.

    Raises:
        Refused: a check finds an error in the whole mail, the draft changed meanwhile or since its
            approval, its approval was taken back, `confirm` returned False, or an older mail is
            being handed over to a subscriber of this edition.
        NothingToDo: no subscriber would get a mail.
        TemplateError: a template cannot be rendered.
    """
    # Before windows are read: what dead workers held, and the windows of those who got their mail.
    with database.write() as connection:
        release_dead(connection, database, now=now)
        closing.advance_windows(connection, stored.newsletter)
    # Letters are written and checked before the lock, so that other processes can write meanwhile.
    reduced = take_out_removed(database, stored)
    at_once = not_before or now
    first_at = first_mail_at(stored, at_once=at_once, is_at_once=is_at_once)
    prepared = prepare(database, reduced.stored, writer, audience, now=now, issued_at=first_at)
    _refuse_faults(stored.id, prepared.findings)
    current_hash = approval_hash(prepared.content_hash, audience)
    # What a site has removed is taken out under the approval; any other change voids it.
    is_same = prepared.content_hash == reduced.stored.content_hash
    is_approved = is_same and approved_hash == approval_hash(stored.content_hash, audience)
    if approved_hash is not None and not is_approved:
        _refuse_unapproved(database, stored, prepared, audit)
    with database.write() as connection:
        _refuse_changed(connection, stored, needs_approval=approved_hash is not None)
        if confirm is not None and not confirm(connection):
            raise Refused(f"edition {stored.id}: its order was withdrawn meanwhile")
        closing.advance_windows(connection, stored.newsletter)
        start_newcomers(connection, audience.audience_key, prepared.edition.last_cut_seq)
        drafts.replace_snapshot(connection, stored, prepared.snapshot, prepared.content_hash)
        hours = audience.together() if is_at_once else audience
        count = _write_deliveries(
            connection,
            stored,
            prepared,
            writer,
            audience,
            now=now,
            due_at=partial(hours.due_at, at_once=at_once),
        )
        _carry_over(connection, prepared)
        closing.supersede_open(connection, stored.newsletter, stored.id, now=now)
        is_started = editions.start_sending(
            connection,
            stored.id,
            content_hash=prepared.content_hash,
            approved_hash=current_hash,
            key_id=key_id(keys[0]),
            sender=writer.identity.sender,
            identity=writer.identity.to_json(),
            frozen_count=count,
            first_at=first_at,
            now=now,
        )
        if not is_started:
            raise _changed(stored.id)
        if prepared.edition.masthead.poll is not None:
            votes.open_poll(connection, stored.id)
        if audit is not None:
            add_entry(connection, replace(audit, detail=note_of(reduced.removed)))
    return count


def _write_deliveries(
    connection: Connection,
    stored: StoredEdition,
    prepared: Prepared,
    writer: LetterWriter,
    audience: AudienceRule,
    *,
    now: datetime,
    due_at: Callable[[AudienceGroup], datetime],
) -> int:
    """Write one delivery for each subscriber; return their number.

    The audience is read again under the lock: a subscriber may have left, joined or changed
    choices.
    """
    distribution = read_distribution(connection, prepared.edition, audience, now=now)
    ids = _store_letters(connection, stored, prepared, writer, distribution, now=now)
    planned = [
        PlannedGroup(group, ids[mail.variant.key], due_at(group))
        for group, mail in distribution.mails.items()
    ]
    count = freeze_groups(
        connection,
        audience.audience_key,
        planned,
        edition_id=stored.id,
        now=now,
        by_clock=audience.is_local,
    )
    _refuse_empty(stored, count)
    mailed = Counter[int]()
    for each in planned:
        mailed[each.variant_id] += each.group.subscribers
    variants.save_subscribers(connection, mailed)
    return count


def _store_letters(
    connection: Connection,
    stored: StoredEdition,
    prepared: Prepared,
    writer: LetterWriter,
    distribution: Distribution,
    *,
    now: datetime,
) -> dict[str, int]:
    """Store the letter of each planned variant; return the ids by the planned variant's key.

    The letter of a variant that no subscriber needed before the lock is written now.
    """
    ids: dict[str, int] = {}
    # Two planned variants are the same if the difference between them had to be cut for size.
    stored_ids: dict[str, int] = {}
    for mail in distribution.mails.values():
        if mail.variant.key in ids:
            continue
        rendered = prepared.rendered.get(mail.variant.key)
        if rendered is None:
            present = read_present(connection, prepared.edition, now=now)
            letter = writer.write(prepared.edition, mail.variant, present)
            _refuse_faults(stored.id, letter.findings)
            rendered = RenderedVariant(rule=mail.rule, variant=mail.variant, letter=letter)
        key = rendered.letter.variant.key
        if key not in stored_ids:
            stored_ids[key] = _store_letter(connection, stored.id, rendered)
        ids[mail.variant.key] = stored_ids[key]
    return ids


def _store_letter(connection: Connection, edition_id: int, each: RenderedVariant) -> int:
    return variants.save_variant(
        connection,
        edition_id=edition_id,
        key=each.letter.variant.key,
        categories=each.rule.categories,
        since_seq=each.rule.since_seq,
        language=each.rule.language,
        text_size=each.rule.text_size,
        subject=each.letter.subject,
        preheader=each.letter.preheader,
        story_count=each.letter.variant.count,
        pieces=each.letter.pieces.to_bytes(),
        fields=",".join(sorted(each.letter.pieces.fields)),
        findings=json.dumps([asdict(finding) for finding in each.letter.findings]),
    )


def _carry_over(connection: Connection, prepared: Prepared) -> None:
    """Store the posts that an editor kept for the next edition."""
    edition = prepared.edition
    of = CadenceName(edition.newsletter, edition.cadence)
    carry_over(connection, of, edition.kept_for_next)


# --- refusals -----------------------------------------------------------------------------------


def _refuse_faults(edition_id: int, findings: tuple[Finding, ...]) -> None:
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        first, *others = errors
        more = f" and {len(others)} more error{'s' if len(others) > 1 else ''}" if others else ""
        raise Refused(
            f"edition {edition_id}: blocked by {first.rule} ({first.place}: {first.text}){more};"
            f" see `digest check {edition_id}`"
        )


def _refuse_unapproved(
    database: Database, stored: StoredEdition, prepared: Prepared, audit: AuditEntry | None
) -> NoReturn:
    """Refuse content that differs from the approved one; store it, so that it can be approved."""
    with database.write() as connection:
        drafts.replace_snapshot(connection, stored, prepared.snapshot, prepared.content_hash)
        if audit is not None:
            void = "a check leaves out something that was approved"
            add_entry(connection, replace(audit, action="void approval", detail=void))
    raise Refused(
        f"edition {stored.id}: it changed after its approval; look at it with"
        f" `digest preview {stored.id}`, then run `digest approve {stored.id}`"
    )


def _refuse_changed(connection: Connection, stored: StoredEdition, *, needs_approval: bool) -> None:
    """Stop if another process was faster, or the approval was taken back meanwhile."""
    found = editions.get_edition(connection, stored.id)
    is_same = found is not None and found.content_hash == stored.content_hash
    if found is None or found.state not in editions.OPEN or not is_same:
        raise _changed(stored.id)
    if needs_approval and found.approved_hash != stored.approved_hash:
        raise Refused(
            f"edition {stored.id}: its approval was taken back meanwhile; look at it with"
            f" `digest preview {stored.id}`, then run `digest approve {stored.id}`"
        )


def _refuse_empty(stored: StoredEdition, count: int) -> None:
    if count == 0:
        raise NothingToDo(
            f"edition {stored.id}: no subscriber would get it; see `digest plan`, or add"
            " subscribers with `digest subscribers import`"
        )


def _changed(edition_id: int) -> Refused:
    return Refused(
        f"edition {edition_id}: another process changed or sent it meanwhile;"
        f" see `digest status {edition_id}`"
    )
