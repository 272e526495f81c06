"""Lists editions with their deliveries by state and their main variant, in one query."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, Select, case, func, select

from digest.models import Accounting, DeliveryState, EditionState, StoredEdition
from digest.store.tables import deliveries, editions, slots, variants


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEdition:
    """One edition of the list."""

    #: Its `snapshot` is empty after the freeze because the list does not need it then.
    edition: StoredEdition
    accounting: Accounting
    #: Subject, story count and findings of the variant with the most stories; empty before the
    #: freeze.
    subject: str
    story_count: int
    #: JSON, as stored with the variant.
    findings: str


def list_editions(
    connection: Connection, newsletter: str | None = None
) -> tuple[ListedEdition, ...]:
    """Return the editions of a newsletter, or of all, newest first."""
    query = _query()
    if newsletter is not None:
        query = query.where(editions.c.newsletter == newsletter)
    return tuple(_listed(row) for row in connection.execute(query).mappings())


def _query() -> Select[tuple[object, ...]]:
    counts = (
        select(
            deliveries.c.edition_id,
            *(
                func.sum(case((deliveries.c.state == s, 1), else_=0)).label(s)
                for s in DeliveryState
            ),
        )
        .group_by(deliveries.c.edition_id)
        .subquery()
    )
    of_edition = variants.alias()
    fullest = (
        select(of_edition.c.id)
        .where(of_edition.c.edition_id == editions.c.id)
        .order_by(of_edition.c.story_count.desc(), of_edition.c.id)
        .limit(1)
        .correlate(editions)
        .scalar_subquery()
    )
    plain = [column for column in editions.c if column.name != "snapshot"]
    return (
        select(
            *plain,
            case((editions.c.frozen_at.is_(None), editions.c.snapshot), else_="").label("snapshot"),
            slots.c.local_at,
            slots.c.due_at,
            *(counts.c[state] for state in DeliveryState),
            variants.c.subject,
            variants.c.story_count,
            variants.c.findings,
        )
        .join(slots, slots.c.id == editions.c.slot_id)
        .outerjoin(counts, counts.c.edition_id == editions.c.id)
        .outerjoin(variants, variants.c.id == fullest)
        .order_by(editions.c.id.desc())
    )


def _listed(row: RowMapping) -> ListedEdition:
    facts = {name: row[name] for name in StoredEdition.__slots__}
    return ListedEdition(
        edition=StoredEdition(**{**facts, "state": EditionState(row["state"])}),
        accounting=Accounting(
            frozen=row["frozen_count"], **{str(state): row[state] or 0 for state in DeliveryState}
        ),
        subject=row["subject"] or "",
        story_count=row["story_count"] or 0,
        findings=row["findings"] or "[]",
    )
