"""Compares collecting a thousand feeds with feedparser alone over the same documents.

The peer uses no network: one process reads the bodies of the readable feeds from the disk and
parses them one after the other, with feedparser's defaults. Ours fetches all thousand from a site
in another process, one in ten faulty; it reads, cleans and compares them, and stores every post in
a new database. Both count all time of their processes, including imports.

The page, comments and picture of a post are documents that the peer does not read. None of them is
fetched here, because the first reading of a feed only fetches those of the last week's posts, and
all posts here are older.
"""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from bench.collect_roles import LISTED
from bench.papers import READABLE, fault_of, write_papers
from bench.papersite import running_site
from bench.report import Figure

ROUNDS, FEEDS = 4, 1000
_SAMPLE_S = 0.1
_MB = 1 << 20


@dataclass(frozen=True)
class _Spent:
    """The cost of one run, with all its processes."""

    cpu_s: float
    wall_s: float
    #: The counts that the run printed.
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Memory:
    """The peaks of a collection, in bytes over all its processes."""

    #: With shared pages counted once; 0 if the system does not report it.
    proportional: int
    #: With shared pages counted in each process.
    resident: int


def measure(rounds: int = ROUNDS, count: int = FEEDS) -> tuple[Figure, ...]:
    """Return our time relative to the peer's, and the first collection's relative to a second."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made_of = write_papers(folder, count)
        readable = [number for number in range(count) if fault_of(number) in READABLE]
        (folder / LISTED).write_text(json.dumps(readable), "utf-8")
        with running_site(folder) as site:
            for number in range(rounds):
                peer = _run("peer", folder)
                first = _run("ours", folder / f"{number}.db", site, count)
                second = _run("ours", folder / f"{number}.db", site, count)
                _check(first, second, peer, len(readable))
                found.append((peer, first, second))
            memory = _watch(folder / "watched.db", site, count)
    return _figures(found, memory, made_of, count)


def _check(first: _Spent, second: _Spent, peer: _Spent, readable: int) -> None:
    """Raise if a collection did not read everything."""
    again = second.counts
    counts = (first.counts["read"], again["unchanged"], again["read"], again["new"])
    # Some documents list a post twice, or give all posts the same link and no identifier.
    is_whole = first.counts["new"] >= peer.counts["posts"] * 0.85
    if counts != (readable, readable, 0, 0) or not is_whole:
        raise RuntimeError(
            f"the collection is incomplete: {first.counts}, {again}, peer: {peer.counts}"
        )


def _figures(
    found: list[tuple[_Spent, _Spent, _Spent]], memory: _Memory, made_of: str, count: int
) -> tuple[Figure, ...]:
    peer, first, second = map(_least, zip(*found, strict=True))
    name = f"collecting {count:,} feeds, one in ten faulty ({made_of})"
    alone = "feedparser's `parse` alone over the same bodies"
    return (
        Figure(
            name=name,
            peer=alone,
            ratio=first.cpu_s / peer.cpu_s,
            unit="of its processor time, all processes together",
            detail=f"{first.cpu_s:.1f} s against {peer.cpu_s:.1f} s, the best of {len(found)}"
            f" rounds; {first.counts['new']:,} posts; peak memory"
            f" {memory.proportional / _MB:.0f} MB"
            f" ({memory.resident / _MB:.0f} MB with shared pages counted in each process)",
        ),
        Figure(
            name=name,
            peer=alone,
            ratio=first.wall_s / peer.wall_s,
            unit="of its elapsed time, with two cores",
            detail=f"{first.wall_s:.1f} s against {peer.wall_s:.1f} s, the best of {len(found)}"
            " rounds",
        ),
        Figure(
            name="collecting them again, all unchanged",
            peer="the first collection",
            ratio=first.cpu_s / second.cpu_s,
            unit="times less processor time",
            detail=f"{second.cpu_s:.2f} s, elapsed {second.wall_s:.2f} s"
            f" ({first.wall_s / second.wall_s:.0f} times less)",
        ),
    )


def _least(rounds: tuple[_Spent, ...]) -> _Spent:
    """Return the best times of a role, which other work on the machine disturbed least."""
    return replace(
        rounds[0],
        cpu_s=min(each.cpu_s for each in rounds),
        wall_s=min(each.wall_s for each in rounds),
    )


# --- running a role -----------------------------------------------------------------------------


def _start(role: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.collect_roles", role, *map(str, arguments)],
        stdout=subprocess.PIPE,
    )


def _run(role: str, *arguments: object) -> _Spent:
    """Run a role in its own process, without sampling its memory, which would slow it down."""
    started = perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = _start(role, *arguments)
    output, _ = process.communicate()
    wall_s = perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        raise RuntimeError(f"{role} failed")
    cpu_s = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return _Spent(cpu_s, wall_s, json.loads(output))


def _watch(*arguments: object) -> _Memory:
    """Collect once more and sample the memory of all its processes until the main one ends."""
    process = _start("ours", *arguments)
    proportional = resident = 0
    while process.poll() is None:
        sizes = [_memory(pid) for pid in _family(process.pid)]
        proportional = max(proportional, sum(size[0] for size in sizes))
        resident = max(resident, sum(size[1] for size in sizes))
        time.sleep(_SAMPLE_S)
    return _Memory(proportional, resident)


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text("ascii").split():
                yield from _family(int(child))


def _memory(pid: int) -> tuple[int, int]:
    """Return (proportional, resident) in bytes; zeros if the process has ended."""
    found = {"Pss": 0, "Rss": 0}
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()[1:]:
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0]) * 1024
    return found["Pss"], found["Rss"]


if __name__ == "__main__":
    for figure in measure(*map(int, sys.argv[1:])):
        print(figure)
