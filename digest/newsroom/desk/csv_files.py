"""Writes the report and an edition's deliveries as CSV, in pieces, for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from digest.newsroom.context import RunContext
from digest.newsroom.desk.report import read_report
from digest.newsroom.editions import named_edition
from digest.newsroom.reason_words import reason_in_words
from digest.store.delivery_list import ListedDelivery, read_page
from subscribers.addresses import mask_address
from subscribers.csvfile import guard_cell

#: Rows of one piece.
_PIECE = 500

_DELIVERY_COLUMNS = (
    "address",
    "subject",
    "state",
    "reason",
    "meaning",
    "attempts",
    "code",
    "reply",
    "relay",
    "due_at",
    "handed_over_at",
    "next_at",
    "ended_at",
)
_REPORT_COLUMNS = (
    "edition",
    "number",
    "cadence",
    "day",
    "subscribers",
    "sent",
    "failed",
    "unknown",
    "skipped",
    "bounced",
    "complaints",
    "left_within_a_week",
)


def deliveries_csv(context: RunContext, edition_id: int, *, shows_people: bool) -> Iterator[str]:
    """Return the deliveries of an edition as CSV, in pieces; reads them while they are taken.

    Unless it shows people, addresses are masked and the words of servers, which may repeat them,
    are left out.

    Raises:
        UsageError: the edition does not exist; before the first piece.
        StoreError: the database cannot be used.
    """
    with context.database.read() as connection:
        named_edition(connection, edition_id)
    return _pieces(_DELIVERY_COLUMNS, _delivery_rows(context, edition_id, shows_people))


def report_csv(context: RunContext, newsletter: str) -> Iterator[str]:
    """Return the editions of a newsletter's report as CSV; raises as `read_report`."""
    rows = [
        (
            each.edition_id,
            each.number,
            each.cadence,
            each.day,
            each.subscribers,
            each.sent,
            each.failed,
            each.unknown,
            each.skipped,
            each.bounced,
            each.complaints,
            each.left,
        )
        for each in read_report(context, newsletter).editions
    ]
    return _pieces(_REPORT_COLUMNS, rows)


def days_csv(context: RunContext, newsletter: str) -> Iterator[str]:
    """Return the days of a newsletter's report as CSV; raises as `read_report`."""
    names = ("day", "subscribers", "joined", "left", "complained", "bounced")
    days = read_report(context, newsletter).days
    return _pieces(names, [[getattr(day, name) for name in names] for day in days])


def _delivery_rows(
    context: RunContext, edition_id: int, shows_people: bool
) -> Iterator[Sequence[object]]:
    after: int | None = None
    while True:
        # A connection for each page, because a slow client must not hold one for minutes.
        with context.database.read() as connection:
            page = read_page(connection, edition_id, after=after)
        yield from (_delivery_row(each, shows_people) for each in page.deliveries)
        if page.after is None:
            return
        after = page.after


def _delivery_row(each: ListedDelivery, shows_people: bool) -> Sequence[object]:
    return (
        each.address if shows_people or not each.address else mask_address(each.address),
        each.subject,
        each.state,
        each.reason,
        reason_in_words(each.reason),
        each.attempts,
        each.reply_code,
        each.reply_text if shows_people else "",
        each.relay,
        each.not_before,
        each.handing_at,
        each.next_at,
        each.ended_at,
    )


def _pieces(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    for number, row in enumerate(rows, 1):
        writer.writerow([_cell(value) for value in row])
        if number % _PIECE == 0:
            yield file.getvalue()
            file.seek(0)
            file.truncate()
    yield file.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    # A subject or the words of a server may be made to run as a formula.
    return "" if value is None else guard_cell(f"{value}".replace("\r", " ").replace("\n", " "))
