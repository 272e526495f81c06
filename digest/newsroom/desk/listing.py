"""Lists the editions, with what the list shows of each."""

from __future__ import annotations

import json

from digest.composer.snapshot import edition_from_json
from digest.models import Accounting, Finding, StoredEdition
from digest.newsroom.context import RunContext
from digest.newsroom.desk.heads import names_of
from digest.newsroom.desk.rows import EditionRow
from digest.pipeline.audience import general_rule, variant_for
from digest.store import edition_list
from digest.store.edition_list import ListedEdition


def list_editions(context: RunContext) -> tuple[EditionRow, ...]:
    """Return the editions, newest first, with one query and without writing letters.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        found = edition_list.list_editions(connection)
    return tuple(_listed_row(context, each) for each in found)


def _listed_row(context: RunContext, listed: ListedEdition) -> EditionRow:
    stored = listed.edition
    if not stored.snapshot:
        return edition_row(
            context,
            stored,
            listed.accounting,
            load_findings(listed.findings),
            subject=listed.subject,
            story_count=listed.story_count,
        )
    edition = edition_from_json(stored.snapshot)
    variant = variant_for(edition, general_rule(edition))
    return edition_row(
        context,
        stored,
        listed.accounting,
        None,
        subject=variant.subject if variant else "",
        story_count=len(edition.stories),
    )


def edition_row(
    context: RunContext,
    stored: StoredEdition,
    account: Accounting,
    findings: tuple[Finding, ...] | None,
    *,
    subject: str,
    story_count: int,
) -> EditionRow:
    """Return the row of an edition; `findings` is None if its letters were not written."""
    title, timezone = names_of(context, stored.newsletter)
    errors = None if findings is None else sum(finding.is_error for finding in findings)
    return EditionRow(
        id=stored.id,
        newsletter=title,
        number=stored.number,
        state=stored.state,
        paused_reason=stored.paused_reason,
        slot=stored.local_at,
        timezone=timezone,
        subject=subject,
        story_count=story_count,
        deliveries=account.shown,
        error_count=errors,
        warning_count=None if findings is None or errors is None else len(findings) - errors,
    )


def load_findings(stored: str) -> tuple[Finding, ...]:
    """Return the findings that are stored with a variant, as JSON."""
    return tuple(Finding(**finding) for finding in json.loads(stored))
