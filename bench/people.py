"""Compares an import of a list of subscribers with SQLite's own `.import`, and with single rows.

`python -m bench.people` runs only this, in a few minutes; a number of rows may follow.

`.import` of the `sqlite3` command copies the cells of the same file into a table and decides
nothing. Ours reads the file twice, checks addresses, states and dates, looks every address up among
the people and the suppressed ones, and writes people and subscriptions. The import by single rows,
in `bench/by_row.py`, does the same with five statements a row.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from bench.by_row import import_by_row
from bench.report import Figure
from digest.store.schema import open_checked
from subscribers.importing import import_file
from subscribers.merging import ImportOptions

ROWS, FEWER, SINGLE = 1_000_000, 100_000, 20_000
#: The limit of our processor time a row, as a part of that of single rows.
SINGLE_TARGET = 0.25
#: The limit of the peak memory of many rows, as a multiple of that of few.
MEMORY_TARGET = 1.2

_HEADINGS = "Email Address,First Name,Last Name,Status,Subscribed at,City"
_START = datetime(2023, 1, 1, tzinfo=UTC)
_OPTIONS = ImportOptions(
    newsletter="weekly",
    keys=("the newest key", "an older key"),
    now=datetime(2026, 11, 23, 7, tzinfo=UTC),
    consent="form of 2024",
)


def measure(rows: int = ROWS, fewer: int = FEWER, single: int = SINGLE) -> list[Figure]:
    """Return our processor time relative to both peers, and the peak memory for many rows.

    Raises:
        RuntimeError: the `sqlite3` command is not installed, or a round failed.
    """
    if shutil.which("sqlite3") is None:
        raise RuntimeError("the command `sqlite3`, whose `.import` is the peer, is not installed")
    many, few = _round("ours", rows), _round("ours", fewer)
    copied = _round("sqlite", rows)
    ours, peer = _round("ours", single), _round("by_row", single)
    return [
        Figure(
            name=f"importing {rows:,} subscribers",
            peer="`.import` of the `sqlite3` command, which only copies the cells",
            ratio=many["cpu_s"] / copied["cpu_s"],
            unit="times its processor time",
            detail=f"{many['cpu_s']:.1f} s against {copied['cpu_s']:.1f} s,"
            f" {_per_row(many, rows):.0f} µs a row",
        ),
        Figure(
            name=f"peak memory of importing {rows:,} subscribers",
            peer=f"ours of {fewer:,}",
            ratio=many["peak_mb"] / few["peak_mb"],
            unit="times its memory",
            detail=f"at most {MEMORY_TARGET:g}; {many['peak_mb']:.0f} MB against"
            f" {few['peak_mb']:.0f} MB",
        ),
        Figure(
            name=f"importing {single:,} subscribers in batches",
            peer="the same with five statements a row",
            ratio=ours["cpu_s"] / peer["cpu_s"],
            unit="times its processor time",
            detail=f"at most {SINGLE_TARGET:g}; {_per_row(ours, single):.0f} µs a row against"
            f" {_per_row(peer, single):.0f} µs",
        ),
    ]


def write_list(path: Path, rows: int) -> None:
    """Write a list of subscribers; one in ten has left."""
    with path.open("w", encoding="utf-8") as file:
        print(_HEADINGS, file=file)
        for number in range(rows):
            state = "unsubscribed" if number % 10 == 0 else "active"
            joined = _START + timedelta(minutes=number)
            print(
                f"subscriber.{number}@heritage{number % 977}.org,Ann,Lee {number % 5003},{state},"
                f"{joined:%Y-%m-%d %H:%M:%S} UTC,Rome",
                file=file,
            )


def _per_row(found: dict[str, float], rows: int) -> float:
    return found["cpu_s"] / rows * 1e6


def _round(side: str, rows: int) -> dict[str, float]:
    """Measure in a separate process, so that the peak memory is that of this round."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.people", side, str(rows)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the round failed: {done.stderr}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measure_here(side: str, rows: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "people.csv"
        write_list(path, rows)
        if side == "sqlite":
            return _copy(path, rows)
        database = open_checked(f"sqlite:///{name}/people.db")
        run = import_file if side == "ours" else import_by_row
        started = process_time()
        with path.open("rb") as file:
            count = sum(1 for _ in run(database.write, file, _OPTIONS))
        cpu_s = process_time() - started
        database.close()
    if count != rows:
        raise RuntimeError(f"{count} results of {rows} rows")
    return {
        "cpu_s": cpu_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _copy(path: Path, rows: int) -> dict[str, float]:
    """Run the peer; return its processor time."""
    target = str(path.with_suffix(".sqlite"))
    subprocess.run(
        ["sqlite3", target, ".mode csv", f".import {path} people"], check=True, timeout=600
    )
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    counted = subprocess.run(
        ["sqlite3", target, "SELECT count(*) FROM people"],
        check=True,
        capture_output=True,
        text=True,
    )
    if int(counted.stdout) != rows:
        raise RuntimeError(f"{counted.stdout.strip()} rows of {rows} were copied")
    return {"cpu_s": used.ru_utime + used.ru_stime}


if __name__ == "__main__":
    match sys.argv[1:]:
        case [side, rows]:
            print(json.dumps(_measure_here(side, int(rows))))
        case given:
            for figure in measure(*map(int, given)):
                print(figure)
