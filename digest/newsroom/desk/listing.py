"""Lists the editions a page at a time, without counting deliveries and without writing letters."""

from __future__ import annotations

import json
from binascii import a2b_qp
from collections.abc import Collection

from digest.composer.snapshot import edition_from_json
from digest.errors import Missing
from digest.letter.printing.message import Pieces
from digest.models import Edition, Finding
from digest.newsroom.context import RunContext
from digest.newsroom.desk.heads import names_of
from digest.newsroom.desk.known import Known, read_known
from digest.newsroom.desk.rows import EditionHead, EditionList, EditionRow
from digest.pipeline.audience import general_rule, variant_for
from digest.store import desk_list
from digest.store.desk_list import DeskEdition
from digest.store.engine import Connection

#: Editions of one page.
PAGE = 25


def list_editions(
    context: RunContext,
    newsletter: str = "",
    *,
    before: int | None = None,
    after: int | None = None,
    most: int = PAGE,
) -> EditionList:
    """Return a page of the editions of a newsletter, or of all, newest first.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name; empty for all.
        before: the page ends before this edition's id; None for the first page.
        after: or it begins after this one.
        most: editions of a page.

    Raises:
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        found = desk_list.list_page(
            connection, newsletter, before=before, after=after, most=most + 1
        )
        has_more = len(found) > most
        shown = found[-most:] if after is not None else found[:most]
        rows = read_rows(context, connection, shown)
    is_first = (after is None and before is None) or (after is not None and not has_more)
    is_last = after is None and not has_more
    return EditionList(
        rows=rows,
        newsletters=tuple((each.name, each.title) for each in context.newsletters),
        newsletter=newsletter,
        newer=shown[0].id if shown and not is_first else None,
        older=shown[-1].id if shown and not is_last else None,
    )


def read_row(context: RunContext, edition_id: int) -> EditionRow:
    """Return the row of one edition.

    Raises:
        Missing: the edition does not exist.
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        found = desk_list.list_page(connection, before=edition_id + 1, most=1)
        if not found or found[0].id != edition_id:
            raise Missing(f"edition {edition_id}: does not exist; see `digest status`")
        return read_rows(context, connection, found)[0]


def read_rows(
    context: RunContext, connection: Connection, found: Collection[DeskEdition]
) -> tuple[EditionRow, ...]:
    """Return the rows of editions, with what is known of each without counting."""
    known = read_known(context, connection, found)
    return tuple(_row(context, each, known) for each in found)


def head_of(context: RunContext, found: DeskEdition) -> EditionHead:
    """Return the header of an edition of the list."""
    title, timezone = names_of(context, found.newsletter)
    return EditionHead(
        id=found.id,
        newsletter=title,
        name=found.newsletter,
        cadence=found.cadence,
        number=found.number,
        state=found.state,
        paused_reason=found.paused_reason,
        slot=found.local_at,
        due_at=found.due_at,
        timezone=timezone,
        is_frozen=found.frozen_at is not None,
    )


def load_findings(stored: str) -> tuple[Finding, ...]:
    """Return the findings that are stored with a variant, as JSON."""
    return tuple(Finding(**finding) for finding in json.loads(stored))


def _row(context: RunContext, found: DeskEdition, known: Known) -> EditionRow:
    edition = edition_from_json(found.snapshot) if found.snapshot else None
    check = known.checks.get(found.id)
    findings = check.findings if check else None
    size = check.size if check else None
    if edition is None and found.findings is not None:
        findings, size = load_findings(found.findings), _size_of(found.pieces)
    errors = None if findings is None else sum(finding.is_error for finding in findings)
    is_frozen = found.frozen_at is not None
    last = known.last_audiences.get((found.newsletter, found.cadence))
    return EditionRow(
        head=head_of(context, found),
        subject=_subject_of(edition) if edition else found.subject or "",
        story_count=edition.new_count if edition else found.story_count or 0,
        older_count=edition.older_count if edition else 0,
        size=size,
        error_count=errors,
        warning_count=None if findings is None or errors is None else len(findings) - errors,
        audience=found.frozen_count if is_frozen else check.subscribers if check else last,
        is_last_audience=not is_frozen and check is None,
        outcomes=known.outcomes.get(found.id, ()),
    )


def _subject_of(edition: Edition) -> str:
    variant = variant_for(edition, general_rule(edition))
    return variant.subject if variant else ""


def _size_of(stored: bytes | None) -> int | None:
    """Return the size of the HTML of a stored mail, without a subscriber's own values."""
    if stored is None:
        return None
    mail = b"".join(Pieces.from_bytes(stored).literals)
    _, _, part = mail.partition(b"Content-Type: text/html")
    _, _, html = part.partition(b"\r\n\r\n")
    return len(a2b_qp(html))
