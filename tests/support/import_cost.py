"""Imports one file in a process of its own; prints the outcome and the memory that it took."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from subscribers.csvfile import CsvError
from subscribers.importing import import_file, read_columns, summarise
from subscribers.merging import ImportOptions
from tests.contract.subscribers_database import open_people

OPTIONS = ImportOptions(
    newsletter="weekly",
    keys=("key",),
    now=datetime(2026, 11, 23, 7, tzinfo=UTC),
    consent="form of 2024",
)


def import_here(path: Path) -> dict[str, object]:
    """Import a file into a database beside it; return the counts or the error, and the memory."""
    told: dict[str, object] = {}
    with open_people(path.with_suffix(".db")) as database, path.open("rb") as file:
        try:
            columns = read_columns(file)
            report = summarise(import_file(database.write, file, OPTIONS, columns), columns)
            told["counts"] = {str(name): count for name, count in report.counts.items() if count}
        except CsvError as error:
            told["error"] = str(error)
    told["peak_mb"] = peak_mb()
    return told


def peak_mb() -> float:
    """Return the most memory that this program has used.

    `getrusage` would also count the process that started it, before it became this program.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(import_here(Path(sys.argv[1]))))  # noqa: T201 - for the process that asks
