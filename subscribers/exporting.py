"""Writes a newsletter's subscribers to CSV, for a spreadsheet or another program."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import TextIO

from sqlalchemy import Connection

from subscribers.csvfile import guard_cell
from subscribers.fieldvalues import read_fields_of
from subscribers.people import stream_subscribers
from subscribers.preferences import Person, Subscription

#: Data that is valid outside this database; ids and post numbers are not.
COLUMNS = (
    "address",
    "name",
    "state",
    "categories",
    "cadence",
    "language",
    "text_size",
    "zone",
    "hour",
    "paused_until",
    "joined_at",
    "consent_at",
    "consent_how",
    "consent_text",
    "left_at",
    "left_how",
    "suppressed",
    "source",
)
#: Rows read at once.
_PAGE = 1000


def export_csv(
    connection: Connection,
    newsletter: str,
    file: TextIO,
    *,
    raw: bool = False,
    fields: Sequence[str] = (),
) -> int:
    """Write every subscriber of a newsletter, in any state; return their number.

    Args:
        connection: the connection to read from.
        newsletter: the newsletter's name.
        file: the output, opened with `newline=""`.
        raw: whether to write cells unchanged. By default, a cell that a spreadsheet would run
            as a formula gets a leading apostrophe, which the import removes.
        fields: the names of the operator's own fields, each a column.
    """
    writer = csv.writer(file)
    writer.writerow((*COLUMNS, *fields))
    count = 0
    rows = stream_subscribers(connection, newsletter)
    while page := tuple(islice(rows, _PAGE)):
        known = read_fields_of(connection, [row[0].id for row in page], fields) if fields else {}
        for person, subscription in page:
            own = known.get(person.id, {})
            cells = [*_to_cells(person, subscription), *(own.get(name, "") for name in fields)]
            writer.writerow(cells if raw else [guard_cell(cell) for cell in cells])
        count += len(page)
    return count


def _to_cells(person: Person, subscription: Subscription) -> list[str]:
    chosen, consent = subscription.preferences, subscription.consent
    return [
        person.address,
        person.name,
        subscription.state,
        ";".join(chosen.categories),
        chosen.cadence,
        chosen.language,
        chosen.text_size,
        chosen.zone,
        "" if chosen.hour is None else str(chosen.hour),
        _format_time(chosen.paused_until),
        _format_time(subscription.joined_at if subscription.is_joined_known else None),
        _format_time(consent.at if consent else None),
        consent.how if consent else "",
        consent.text if consent else "",
        _format_time(subscription.left_at),
        subscription.left_how,
        ",".join(person.suppressed),
        subscription.source,
    ]


def _format_time(when: datetime | None) -> str:
    return when.isoformat() if when else ""
