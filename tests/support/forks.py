"""Runs `digest` commands in processes forked from one that has imported the program.

Each has its own process, folder, output and exit code, as from a shell, without the second that
imports and word lists take. `python -m tests.support.forks` serves jobs, one JSON line each.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import digest
import subscribers
from digest.cli import main
from digest.composer.edition import compose
from tests.support.composing import a_candidate, a_comment, the_issue, the_rules
from tests.support.samples import sample_edition, sample_letter

_POLL_S = 0.01
#: Few commands need the pages or the demo; Alembic runs the migrations.
_NOT_IMPORTED = ("digest.__main__", "digest.demo", "digest.web", "digest.store.migrations")
_WORDS = "The council met in the old hall and agreed to mend the bridge before winter."


def run_command(arguments: list[str], folder: Path) -> tuple[int, str, str]:
    """Run `digest` in a folder; return its exit code, output and errors."""
    with tempfile.TemporaryDirectory() as place:
        out, err = Path(place) / "out", Path(place) / "err"
        code = start_command(arguments, folder, out=out, err=err).wait()
        return code, out.read_text("utf-8"), err.read_text("utf-8")


def start_command(
    arguments: list[str],
    folder: Path,
    *,
    out: Path | None = None,
    err: Path | None = None,
    before: tuple[str, ...] = (),
) -> Started:
    """Start `digest` in a folder; its output and errors go to these files, if any are given.

    `before` is a function, as `module:name`, and its arguments; the new process calls it first.
    """
    job = {
        "before": before,
        "arguments": arguments,
        "folder": str(folder),
        "out": str(out or os.devnull),
        "err": str(err or os.devnull),
        "environment": dict(os.environ),
    }
    return Started(_ask(job))


class Started:
    """A process that was started; with those methods of `subprocess.Popen` that tests use."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, negative after a signal; None while the process runs."""
        return self._end(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code when the process has ended.

        Raises:
            TimeoutError: it did not end in this number of seconds.
        """
        # Polls are counted: the clock also goes on while this process is suspended.
        polls = 0
        while (code := self._end(0 if timeout is None else os.WNOHANG)) is None:
            if timeout is not None and polls * _POLL_S > timeout:
                raise TimeoutError(f"process {self.pid} did not end")
            polls += 1
            time.sleep(_POLL_S)
        return code

    def kill(self) -> None:
        """Kill the process."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to stop."""
        self.send_signal(signal.SIGTERM)

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the process is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _end(self, options: int) -> int | None:
        if self._code is None:
            self._code = _ask({"ends": self.pid, "options": options})
        return self._code


def _ask(job: dict[str, Any]) -> Any:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(job) + "\n")
    server.stdin.flush()
    return json.loads(server.stdout.readline())


@cache
def _server() -> subprocess.Popen[str]:
    """Start the server of this process; it ends with the process."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.forks"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.kill)
    return server


def _serve() -> None:
    for line in sys.stdin:
        job = json.loads(line)
        answer = _end_of(job) if "ends" in job else os.fork() or _run(job)
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def _end_of(job: dict[str, Any]) -> int | None:
    pid, status = os.waitpid(job["ends"], job["options"])
    return os.waitstatus_to_exitcode(status) if pid else None


def _run(job: dict[str, Any]) -> int:
    """Become the command; does not return."""
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["environment"])
    for stream, place, mode in (
        (sys.stdin, os.devnull, os.O_RDONLY),
        (sys.stdout, job["out"], os.O_WRONLY | os.O_CREAT),
        (sys.stderr, job["err"], os.O_WRONLY | os.O_CREAT),
    ):
        os.dup2(os.open(place, mode), stream.fileno())
    sys.argv = ["digest", *job["arguments"]]
    code = 1
    try:
        _call(*job["before"])
        main()
        code = 0
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _call(function: str = "", *arguments: str) -> None:
    if function:
        module, _, name = function.partition(":")
        getattr(import_module(module), name)(*arguments)


def warm_up() -> None:
    """Import what commands import, and read the word lists and style sheets that they read.

    A process that is forked after this begins with them.
    """
    for package in (digest, subscribers):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(_NOT_IMPORTED):
                import_module(module.name)
    post = a_candidate(a_comment("The bridge held in the flood of 1953."), summary_html=_WORDS)
    compose(the_rules(), [post], the_issue())
    # A long title has a style sheet of its own; the projects of tests have one.
    for title in ("The Lantern", "The Hill Paper in your inbox"):
        sample_letter(sample_edition(title=title))
    # A child that leaves its parent's objects alone copies less memory.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    warm_up()
    _serve()
