"""Reads the report: one edition's result, and a newsletter's editions and subscribers over time.

Everything comes from counts that were stored before, or from an index over what did not arrive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from digest.models import StoredEdition
from digest.newsroom.context import RunContext
from digest.newsroom.desk.recent import RecentFigures
from digest.store import bounces, figures
from digest.store.editions import newest_frozen
from digest.store.engine import Connection
from digest.store.list_days import ListDay, list_days_of

__all__ = ["EditionResult", "ListDay", "Report", "read_report", "result_of"]

#: Editions of a report, and days of the subscribers.
MOST_EDITIONS, MOST_DAYS = 26, 92
_WEEK = timedelta(days=7)
#: Classes of bounces that are no bounces.
_COMPLAINT = "complaint"
_NO_BOUNCE = (_COMPLAINT, "unsubscribe", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionResult:
    """The fate of an edition's mails."""

    edition_id: int
    number: int
    cadence: str
    #: The day of its slot, as `2026-11-23`.
    day: str
    first_at: datetime | None
    finished_at: datetime | None
    subscribers: int
    sent: int
    failed: int
    unknown: int
    skipped: int
    #: Persons whose mail came back, or was refused as if it had.
    bounced: int
    #: Persons who reported it as spam.
    complaints: int
    #: Persons who left in the seven days from its day on; None if they were not counted.
    left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A newsletter's editions and subscribers over time."""

    newsletter: str
    title: str
    #: Oldest first.
    editions: tuple[EditionResult, ...]
    days: tuple[ListDay, ...]


def read_report(
    context: RunContext, newsletter: str, recent: RecentFigures | None = None
) -> Report:
    """Return the newest editions of a newsletter, and its subscribers' last months.

    Args:
        context: the installation's context.
        newsletter: the newsletter's name.
        recent: counts of editions that are being sent, for a page that is looked at again; None to
            count them now.

    Raises:
        UsageError: the newsletter does not exist, or no name is given and there are several.
        StoreError: the database cannot be used.
    """
    owner = context.newsletter_of(newsletter)
    since = context.clock().date() - timedelta(days=MOST_DAYS)
    with context.database.read() as connection:
        found = newest_frozen(connection, owner.name, most=MOST_EDITIONS)
        first = min((_day_of(each) for each in found), default=since)
        days = list_days_of(connection, owner.name, since=min(first, since))
        results = _results(connection, found, days, recent or RecentFigures(), context.clock())
    return Report(
        newsletter=owner.name,
        title=owner.title,
        editions=results,
        days=tuple(day for day in days if day.day >= since),
    )


def result_of(
    connection: Connection, stored: StoredEdition, counted: figures.Figures
) -> EditionResult:
    """Return what became of one edition's mails, whose deliveries are counted."""
    days = list_days_of(connection, stored.newsletter, since=_day_of(stored))
    came_back = bounces.count_bounces_of(connection, (stored.id,))
    return _result(stored, counted, came_back.get(stored.id, {}), days)


def _results(
    connection: Connection,
    found: tuple[StoredEdition, ...],
    days: tuple[ListDay, ...],
    recent: RecentFigures,
    now: datetime,
) -> tuple[EditionResult, ...]:
    ids = [each.id for each in found]
    stored = figures.read_stored(connection, ids)
    came_back = bounces.count_bounces_of(connection, ids)
    return tuple(
        _result(
            each,
            stored.get(each.id) or recent.read(connection, each.id, now=now),
            came_back.get(each.id, {}),
            days,
        )
        for each in sorted(found, key=lambda edition: edition.id)
    )


def _result(
    stored: StoredEdition,
    counted: figures.Figures,
    came_back: dict[str, int],
    days: tuple[ListDay, ...],
) -> EditionResult:
    account, start = counted.accounting, _day_of(stored)
    after = [each for each in days if start <= each.day < start + _WEEK]
    return EditionResult(
        edition_id=stored.id,
        number=stored.number,
        cadence=stored.cadence,
        day=f"{start}",
        first_at=stored.first_at,
        finished_at=stored.finished_at,
        subscribers=account.frozen,
        sent=account.sent,
        failed=account.failed,
        unknown=account.unknown,
        skipped=account.skipped,
        bounced=sum(count for kind, count in came_back.items() if kind not in _NO_BOUNCE),
        complaints=came_back.get(_COMPLAINT, 0),
        left=sum(each.left + each.complained for each in after) if after else None,
    )


def _day_of(stored: StoredEdition) -> date:
    return date.fromisoformat(stored.local_at[:10])
