"""Stored examinations of drafts: what was looked at, and what was approved."""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, delete, select, update

from digest.models.examinations import ApprovalMark, Examination, ExaminationReport
from digest.store.tables import examinations

#: Examinations of an edition that are kept if they were not approved.
MOST_KEPT = 10
_REPORT = TypeAdapter(ExaminationReport)


def save(connection: Connection, examination: Examination) -> None:
    """Store an examination in place of an earlier one of the same content; its mark stays."""
    table = examinations
    values = {
        "made_from": examination.made_from,
        "snapshot": examination.snapshot,
        "report": _REPORT.dump_json(examination.report).decode(),
        "made_at": examination.made_at,
        "made_by": examination.made_by,
    }
    which = {"edition_id": examination.edition_id, "hash": examination.hash}
    changed = connection.execute(update(table).where(*_same(which)).values(**values))
    if changed.rowcount == 0:
        connection.execute(table.insert().values(**which, **values))
        _forget_old(connection, examination.edition_id)


def mark(
    connection: Connection, edition_id: int, hash_: str, how: ApprovalMark, *, by: str, at: datetime
) -> None:
    """Store that an examined content was approved, or that its approval was taken back."""
    which = {"edition_id": edition_id, "hash": hash_}
    values = {"mark": how.value, "marked_at": at, "marked_by": by}
    connection.execute(update(examinations).where(*_same(which)).values(**values))


def find(connection: Connection, edition_id: int, hash_: str) -> Examination | None:
    """Return the examination with a hash, or with the start of one; None if there is none."""
    if not hash_:
        return None
    starts = examinations.c.hash.startswith(hash_, autoescape=True)
    return _first(connection, examinations.c.edition_id == edition_id, starts)


def newest(connection: Connection, edition_id: int) -> Examination | None:
    """Return the newest examination of an edition; None if there is none."""
    return _first(connection, examinations.c.edition_id == edition_id)


def last_approved(connection: Connection, edition_id: int) -> Examination | None:
    """Return what was approved last of an edition, also if that is void; None if nothing was."""
    query = (
        select(examinations)
        .where(
            examinations.c.edition_id == edition_id,
            examinations.c.mark != ApprovalMark.NONE.value,
        )
        .order_by(examinations.c.marked_at.desc(), examinations.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return _read(dict(row)) if row else None


def _first(connection: Connection, *wanted: ColumnElement[bool]) -> Examination | None:
    order = (examinations.c.made_at.desc(), examinations.c.id.desc())
    query = select(examinations).where(*wanted).order_by(*order).limit(1)
    row = connection.execute(query).mappings().first()
    return _read(dict(row)) if row else None


def _read(row: dict[str, object]) -> Examination:
    del row["id"]
    report = _REPORT.validate_json(str(row.pop("report")))
    mark_ = ApprovalMark(str(row.pop("mark")))
    return Examination(report=report, mark=mark_, **row)  # type: ignore[arg-type]  # a row


def _same(which: dict[str, object]) -> list[ColumnElement[bool]]:
    return [examinations.c[name] == value for name, value in which.items()]


def _forget_old(connection: Connection, edition_id: int) -> None:
    """Delete the oldest examinations of an edition; what was approved is kept."""
    unmarked = (
        select(examinations.c.id)
        .where(
            examinations.c.edition_id == edition_id,
            examinations.c.mark == ApprovalMark.NONE.value,
        )
        .order_by(examinations.c.made_at.desc(), examinations.c.id.desc())
    )
    old = connection.execute(unmarked.offset(MOST_KEPT).limit(100)).scalars().all()
    if old:
        connection.execute(delete(examinations).where(examinations.c.id.in_(old)))
