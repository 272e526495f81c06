"""Runs `digest` commands in processes forked from one that has imported the program.

Each has its own process, folder, output and exit code, as from a shell, without the second that
imports and word lists take. `python -m tests.support.forks` serves jobs, one JSON line each,
answered by the exit code.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import subprocess
import sys
import tempfile
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
from tests.support.samples import sample_letter

#: Few commands need the pages or the demo; Alembic runs the migrations.
_NOT_IMPORTED = ("digest.__main__", "digest.demo", "digest.web", "digest.store.migrations")
_WORDS = "The council met in the old hall and agreed to mend the bridge before winter."


def run_command(arguments: list[str], folder: Path) -> tuple[int, str, str]:
    """Run `digest` in a folder; return its exit code, output and errors."""
    with tempfile.TemporaryDirectory() as place:
        out, err = Path(place) / "out", Path(place) / "err"
        job = {
            "arguments": arguments,
            "folder": str(folder),
            "out": str(out),
            "err": str(err),
            "environment": dict(os.environ),
        }
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(job) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return code, out.read_text("utf-8"), err.read_text("utf-8")


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
        child = os.fork() or _run(job)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


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
    sample_letter()
    # A child that leaves its parent's objects alone copies less memory.
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    warm_up()
    _serve()
