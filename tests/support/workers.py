"""The parser's worker processes that the current test has started."""

from __future__ import annotations

from pathlib import Path

import pytest

#: The processes that this thread started.
_CHILDREN = Path("/proc/thread-self/children")

needs_proc = pytest.mark.skipif(not _CHILDREN.exists(), reason="needs Linux's /proc")


def worker_pids() -> list[int]:
    """Return the living ones; other processes of tests are left out."""
    children = [int(pid) for pid in _CHILDREN.read_text().split()]
    return [pid for pid in children if b"readers.parsing.worker" in _command(pid)]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
