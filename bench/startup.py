"""Compares the processor time of commands that do little with that of importing their libraries.

Processor time, because elapsed time also depends on other work on the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.support.project import Project

ROUNDS = 5
UNIT = ("-c", "import typer, pydantic, sqlalchemy")
#: The arguments of `digest`, and the limit of each command's time, in multiples of `UNIT`'s.
TARGETS = {"--help": 2.5, "send --help": 1.75, "status": 2.5}


def measure_startup(root: Path) -> tuple[float, dict[str, float]]:
    """Return the seconds of `UNIT` and of each command: medians of rounds that run all in turn.

    Raises:
        RuntimeError: a command failed.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        commands = {each: ("-m", "digest", *each.split()) for each in TARGETS}
        _seconds(("-m", "digest", "init"), root, folder)
        Project(folder).write_config(feed_url="https://hill.example.org/feed", smtp_port=9)
        rounds = [
            {each: _seconds(call, root, folder) for each, call in {"": UNIT, **commands}.items()}
            for _ in range(1 + ROUNDS)
        ]
    # The first round is only a warm-up: it may compile modules and read them from the disk.
    middle = {each: median(one[each] for one in rounds[1:]) for each in rounds[0]}
    return middle.pop(""), middle


def _seconds(arguments: tuple[str, ...], root: Path, folder: Path) -> float:
    """Run Python in a folder; return its processor time, including that of its children."""
    child = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"python {' '.join(arguments)} ended with {child.returncode}")
    return used.ru_utime + used.ru_stime
