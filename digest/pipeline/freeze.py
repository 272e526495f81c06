"""From a checked draft to the ledger: from here on the edition never changes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection

from digest.errors import NothingToDo, Refused
from digest.models import Finding
from digest.pipeline.prepare import Prepared, Print, Window, plan, prepare
from digest.press import Press
from digest.sender.run import release_dead
from digest.store import audience, closing, editions, variants
from digest.store.editions import StoredEdition
from digest.store.engine import Database
from digest.store.workers import workers_folder
from subscribers.tokens import key_id


def freeze(
    database: Database,
    stored: StoredEdition,
    press: Press,
    *,
    keys: tuple[str, ...],
    now: datetime,
) -> int:
    """Approve a draft, store its letters and write one ledger row a reader, all or nothing.

    Returns:
        How many rows were written.

    Raises:
        Refused: the whole mail has a fault, or the draft changed meanwhile.
        NothingToDo: no reader would get a mail.
        TemplateError: a template cannot be rendered.
    """
    prepared = prepare(database, stored, press, now=now)
    _refuse_faults(stored.id, prepared.findings)
    with database.write() as connection:
        release_dead(connection, workers_folder(database.path), now)
        closing.supersede_open(connection, stored.newsletter, stored.id, now=now)
        start = editions.newest_finished_cut(connection, stored.newsletter)
        audience.start_newcomers(connection, stored.newsletter, start)
        editions.replace_snapshot(
            connection,
            stored.id,
            before=stored.content_hash,
            snapshot=prepared.snapshot,
            content_hash=prepared.content_hash,
        )
        count = _write_rows(connection, stored, prepared, press, now)
        is_started = editions.start_sending(
            connection,
            stored.id,
            content_hash=prepared.content_hash,
            key_id=key_id(keys[0]),
            frozen_count=count,
            now=now,
        )
        if not is_started:
            raise Refused(f"edition {stored.id}: it was changed or sent meanwhile; look again")
    return count


def _refuse_faults(edition_id: int, findings: tuple[Finding, ...]) -> None:
    errors = [finding for finding in findings if finding.is_error]
    if errors:
        first = errors[0]
        raise Refused(
            f"edition {edition_id}: held by {first.rule} ({first.place}: {first.text})"
            f" and {len(errors) - 1} more; see `digest check {edition_id}`"
        )


def _write_rows(
    connection: Connection,
    stored: StoredEdition,
    prepared: Prepared,
    press: Press,
    now: datetime,
) -> int:
    """Write the rows of every group; a letter that nobody had needed before is written now."""
    groups = audience.audience_groups(connection, stored.newsletter, now=now)
    ids: dict[str, int] = {}
    count = 0
    for group in groups:
        window = Window(categories=group.categories, since_seq=group.seen_seq or 0)
        variant = plan(prepared.edition, window)
        if variant is None:
            continue
        if variant.key not in ids:
            each = prepared.prints.get(variant.key)
            if each is None:
                letter = press.write(prepared.edition, variant)
                _refuse_faults(stored.id, letter.findings)
                each = Print(window=window, variant=variant, letter=letter)
            ids[variant.key] = _store_print(connection, stored.id, each)
        count += audience.freeze_group(
            connection,
            edition_id=stored.id,
            variant_id=ids[variant.key],
            newsletter=stored.newsletter,
            not_before=now,
            group=group,
            now=now,
        )
    if count == 0:
        raise NothingToDo(
            f"edition {stored.id}: no reader would get it; `digest subscribers import`"
        )
    return count


def _store_print(connection: Connection, edition_id: int, each: Print) -> int:
    return variants.save_variant(
        connection,
        edition_id=edition_id,
        key=each.variant.key,
        categories=each.window.categories,
        since_seq=each.window.since_seq,
        subject=each.variant.subject,
        preheader=each.variant.preheader,
        story_count=each.variant.count,
        pieces=each.letter.pieces.to_bytes(),
        findings=json.dumps([asdict(finding) for finding in each.letter.findings]),
    )
