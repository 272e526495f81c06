"""Under what a figure was measured: the commit, the date, the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Changes of these do not change what is measured.
_WORDS = (":!bench/results", ":!docs", ":!*.md")


def circumstances() -> dict[str, str]:
    """Return what each file of results says about its run."""
    return {
        "commit": measured_commit(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "python": platform.python_version(),
    }


@cache
def measured_commit() -> str:
    """Return the newest commit that changed code; with `+changes` if files differ from it.

    Empty outside a repository.
    """
    commit = _git("log", "-1", "--format=%h", "--abbrev=12", "--", ".", *_WORDS)
    changes = _git("status", "--porcelain", "--", ".", *_WORDS)
    return f"{commit}+changes" if commit and changes else commit


def machine() -> str:
    """Return the size of the machine: absolute figures of others are not comparable."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB"


def _git(*arguments: str) -> str:
    try:
        found = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return found.stdout.strip()
