"""From a checked draft to the ledger: from here on the edition never changes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection

from digest.composer.selection.select import NEXT_TIME
from digest.errors import NothingToDo, Refused
from digest.letter.writer import LetterWriter
from digest.models import Edition, Finding
from digest.pipeline.audience import AudienceRule
from digest.pipeline.distribution import Mail
from digest.pipeline.prepare import Prepared, prepare, read_distribution
from digest.pipeline.rendering import RenderedVariant, read_present
from digest.sender.run import release_dead
from digest.store import closing, editions, variants
from digest.store.audience import PlannedGroup, freeze_groups, start_newcomers
from digest.store.carry_overs import CadenceName, carry_over
from digest.store.editions import StoredEdition
from digest.store.engine import Database
from digest.store.locks import workers_folder
from subscribers.tokens import key_id


def freeze(
    database: Database,
    stored: StoredEdition,
    writer: LetterWriter,
    audience: AudienceRule,
    *,
    keys: tuple[str, ...],
    now: datetime,
    not_before: datetime | None = None,
    approved_hash: str | None = None,
) -> int:
    """Approve a draft, store its letters and write one ledger row a subscriber, all or nothing.

    Args:
        database: with this program's schema.
        stored: a draft, or an approved edition.
        writer: writes its letters.
        audience: who it goes to.
        keys: the signing keys, newest first.
        now: the time of the freeze.
        not_before: no mail leaves earlier; None: `now`.
        approved_hash: the content that was approved; None: no approval is needed.

    Returns:
        How many rows were written.

    Raises:
        Refused: the whole mail has a fault, the draft changed meanwhile or since its approval,
            or a mail of an older edition is being handed over to a subscriber of this one.
        NothingToDo: no subscriber would get a mail.
        TemplateError: a template cannot be rendered.
    """
    with database.write() as connection:
        release_dead(connection, workers_folder(database.path), now)
        closing.advance_windows(connection, stored.newsletter)
    prepared = prepare(database, stored, writer, audience, now=now)
    _refuse_faults(stored.id, prepared.findings)
    _refuse_unapproved(database, stored, prepared, approved_hash)
    with database.write() as connection:
        _refuse_changed(connection, stored)
        closing.advance_windows(connection, stored.newsletter)
        start_newcomers(connection, audience.audience_key, prepared.edition.last_cut_seq)
        _replace_snapshot(connection, stored, prepared)
        count = _write_rows(
            connection, stored, prepared, writer, audience, now=now, at_once=not_before or now
        )
        _carry_over(connection, prepared.edition)
        closing.supersede_open(connection, stored.newsletter, stored.id, now=now)
        is_started = editions.start_sending(
            connection,
            stored.id,
            content_hash=prepared.content_hash,
            key_id=key_id(keys[0]),
            frozen_count=count,
            now=now,
        )
        if not is_started:
            raise _changed(stored.id)
    return count


def _carry_over(connection: Connection, edition: Edition) -> None:
    """Let the next edition have what an editor kept for it."""
    kept = [each.post_id for each in edition.omitted if each.reason.code == NEXT_TIME]
    carry_over(connection, CadenceName(edition.newsletter, edition.cadence), kept)


def _refuse_faults(edition_id: int, findings: tuple[Finding, ...]) -> None:
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        first, *others = errors
        more = f" and {len(others)} more" if others else ""
        raise Refused(
            f"edition {edition_id}: held by {first.rule} ({first.place}: {first.text}){more};"
            f" see `digest check {edition_id}`"
        )


def _refuse_unapproved(
    database: Database, stored: StoredEdition, prepared: Prepared, approved_hash: str | None
) -> None:
    """Hold what differs from what was approved; it is stored, so that it can be approved."""
    if approved_hash is None or approved_hash == prepared.content_hash:
        return
    with database.write() as connection:
        _replace_snapshot(connection, stored, prepared)
    raise Refused(
        f"edition {stored.id}: it changed since it was approved; look again, then approve it"
    )


def _refuse_changed(connection: Connection, stored: StoredEdition) -> None:
    """End early where another process was faster, before a row is written for nothing."""
    found = editions.get_edition(connection, stored.id)
    is_same = found is not None and found.content_hash == stored.content_hash
    if found is None or found.state not in editions.OPEN or not is_same:
        raise _changed(stored.id)


def _changed(edition_id: int) -> Refused:
    return Refused(f"edition {edition_id}: it was changed or sent meanwhile; look again")


def _replace_snapshot(connection: Connection, stored: StoredEdition, prepared: Prepared) -> None:
    editions.replace_snapshot(
        connection,
        stored.id,
        before=stored.content_hash,
        snapshot=prepared.snapshot,
        content_hash=prepared.content_hash,
    )


def _write_rows(
    connection: Connection,
    stored: StoredEdition,
    prepared: Prepared,
    writer: LetterWriter,
    audience: AudienceRule,
    *,
    now: datetime,
    at_once: datetime,
) -> int:
    """Write the rows of every group, as the subscribers stand at this moment."""
    distribution = read_distribution(connection, prepared.edition, audience, now=now)
    ids: dict[str, int] = {}
    # Two that differ as planned may be one once there was no room for the difference.
    stored_ids: dict[str, int] = {}
    for mail in distribution.mails.values():
        if mail.variant.key not in ids:
            each = _render(connection, stored.id, prepared, writer, mail, now=now)
            key = each.letter.variant.key
            if key not in stored_ids:
                stored_ids[key] = _store_rendered(connection, stored.id, each)
            ids[mail.variant.key] = stored_ids[key]
    planned = [
        PlannedGroup(group, ids[mail.variant.key], audience.due_at(group, at_once=at_once))
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
    if count == 0:
        raise NothingToDo(
            f"edition {stored.id}: no subscriber would get it; `digest subscribers import`"
        )
    return count


def _render(
    connection: Connection,
    edition_id: int,
    prepared: Prepared,
    writer: LetterWriter,
    mail: Mail,
    *,
    now: datetime,
) -> RenderedVariant:
    """Give a letter; one that nobody had needed before is written now."""
    known = prepared.rendered.get(mail.variant.key)
    if known is not None:
        return known
    present = read_present(connection, prepared.edition, now=now)
    letter = writer.write(prepared.edition, mail.variant, present)
    _refuse_faults(edition_id, letter.findings)
    return RenderedVariant(rule=mail.rule, variant=mail.variant, letter=letter)


def _store_rendered(connection: Connection, edition_id: int, each: RenderedVariant) -> int:
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
        findings=json.dumps([asdict(finding) for finding in each.letter.findings]),
    )
