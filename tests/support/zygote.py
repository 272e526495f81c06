"""Starts `digest` processes all at once: `python -m tests.support.zygote`.

Each is forked from one process that has imported the program, so a start does not take the seconds
of imports and word lists, and many really begin together. Lines on standard input are commands:
`start COUNT CONFIG` or `stop`; each is answered by a line.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from digest.cli import main
from tests.support.forks import warm_up


@dataclass(frozen=True)
class Zygote:
    """The process that starts others."""

    process: subprocess.Popen[str]

    def ask(self, line: str) -> str:
        """Send a command; return the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


@contextmanager
def running_zygote() -> Iterator[Zygote]:
    """Run one for the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.zygote"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Zygote(process)
        finally:
            process.kill()


def _start(count: int, config: str) -> list[int]:
    return [os.fork() or _run(config) for _ in range(count)]


def _run(config: str) -> int:
    """Become `digest run`; does not return."""
    silent = os.open(os.devnull, os.O_RDWR)
    os.dup2(silent, sys.stdin.fileno())
    os.dup2(silent, sys.stdout.fileno())
    sys.argv = ["digest", "--config", config, "run"]
    code = 1
    try:
        main()
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
    finally:
        os._exit(code)


def _stop(children: list[int]) -> list[int]:
    for child in children:
        os.kill(child, signal.SIGTERM)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


if __name__ == "__main__":
    warm_up()
    children: list[int] = []
    for line in sys.stdin:
        verb, *rest = line.split(maxsplit=2)
        if verb == "start":
            children = _start(int(rest[0]), rest[1].strip())
            answer = "started"
        else:
            answer = " ".join(map(str, _stop(children)))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
