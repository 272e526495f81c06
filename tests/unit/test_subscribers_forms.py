"""The column forms of other services.

In each file, the local part of an address begins with the state that its row must have; a tag is
the day of joining, none if it must stay unknown. A new case adds a file, not code.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from subscribers.csvfile import open_text, read_records
from subscribers.importing import read_columns
from subscribers.rows import RowError, read_row

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

FILES = sorted((Path(__file__).parents[1] / "data" / "subscribers" / "forms").glob("*.csv"))
_ADDRESS = re.compile(r"(?P<state>[a-z]+)-[a-z]+(?:\+(?P<day>\d+))?@.*")


def wanted_and_found(data: bytes) -> list[tuple[str, str]]:
    """Return the state and day that each row must have, and those that are read."""
    pairs = []
    file = io.BytesIO(data)
    columns = read_columns(file)
    with open_text(file) as lines:
        for record in list(read_records(lines))[1:]:
            wanted = _ADDRESS.fullmatch(columns.cell(record, "address"))
            assert wanted
            try:
                row = read_row(columns, record, now=NOW)
                day = f"{row.joined_at:%Y%m%d}" if row.joined_at else None
                found = f"{str(row.state).lower()} {day}"
            except RowError:
                found = "refused None"
            pairs.append((f"{wanted['state']} {wanted['day']}", found))
    return pairs


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_row_has_the_state_and_the_day_that_its_service_means(path: Path) -> None:
    for wanted, found in wanted_and_found(path.read_bytes()):
        assert found == wanted


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    ("mark", "encoding", "start"),
    [
        (";", "utf-8-sig", ""),
        ("\t", "utf-16", ""),
        ("\t", "utf-16-le", ""),
        (";", "utf-8", "sep=;\r\n"),
        ("|", "utf-8", '"sep=|"\r\n'),
    ],
)
def test_a_spreadsheet_may_have_written_the_file_again(
    path: Path, mark: str, encoding: str, start: str
) -> None:
    with path.open("rb") as file, open_text(file) as lines:
        rows = [record.cells for record in read_records(lines)]
    text = start + "".join(
        mark.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows
    )
    for wanted, found in wanted_and_found(text.encode(encoding)):
        assert found == wanted


def test_the_file_of_forms_is_large() -> None:
    assert len(FILES) >= 30
