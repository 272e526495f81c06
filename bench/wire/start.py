"""Measures what `digest send` costs before the first mail has arrived.

The unit is the processor time of importing three of its libraries, because that depends on the
machine as ours does.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import uvloop

from bench.wire.edition import Newspaper, Relay
from bench.wire.fast_sink import FastSink
from bench.wire.limits import Result, at_most, median_ratio
from bench.wire.processes import cpu_of, free_port, run_to_end
from bench.wire.rounds import say
from bench.wire.senders import ROOT
from tests.support.project import Project

UNIT = "import typer, pydantic, sqlalchemy"
SUBSCRIBERS = 100


def start(paper: Newspaper, rounds: int) -> Result:
    """Compare the start with the unit: for a frozen edition, and for a draft with one variant."""
    units, frozen, draft = [], [], []
    for number in range(rounds + 1):
        units.append(run_to_end([sys.executable, "-c", UNIT]).cpu_s)
        frozen.append(_until_first_mail(paper, frozen=True))
        draft.append(_until_first_mail(paper, frozen=False))
        say(f"start, round {number}: {units[-1]:.2f} s, {frozen[-1]:.2f} s, {draft[-1]:.2f} s")
    # The first round is only a warm-up: it may compile modules and read them from the disk.
    units, frozen, draft = units[1:], frozen[1:], draft[1:]
    unit = f"against {median(units):.2f} s"
    return Result(
        checks=(
            at_most(
                4,
                "start to first mail, frozen edition",
                median_ratio(frozen, units),
                f"{median(frozen):.2f} s {unit}",
            ),
            at_most(
                7.5,
                "start to first mail, draft with one variant",
                median_ratio(draft, units),
                f"{median(draft):.2f} s {unit}",
            ),
        )
    )


def _until_first_mail(paper: Newspaper, *, frozen: bool) -> float:
    """Return the processor seconds of `digest send` until the server has its first mail."""
    used: list[float] = []
    # It is known only when the server runs and its port is known.
    child: list[subprocess.Popen[bytes]] = []

    def note() -> None:
        if not used:
            used.append(cpu_of(child[0].pid))

    with _sink(note) as port:
        project = paper.copy(SUBSCRIBERS, Relay(port=port), frozen=frozen)
        child.append(_started(project))
        if child[0].wait() or not used:
            raise RuntimeError(f"digest send ended with {child[0].returncode}, or sent nothing")
    shutil.rmtree(project.folder)
    return used[0]


def _started(project: Project) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        project.command("send", "--json"),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def _sink(on_mail: Callable[[], None]) -> Iterator[int]:
    """Run a server in a thread, which reports each mail."""
    loop, port = uvloop.new_event_loop(), free_port()
    server = loop.run_until_complete(
        loop.create_server(lambda: FastSink(on_mail), "127.0.0.1", port)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
