"""The parser process: reads jobs from its standard input until that closes.

It ends whenever its parent ends, because then the pipe closes. `pool` runs it as
`python -m digest.readers.parsing.worker`.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from importlib import import_module
from typing import IO, Any

from digest.errors import FeedError
from digest.models import Document
from digest.readers.parsing.frames import UNCONFINED, frame, read_frame
from digest.readers.parsing.sandbox import confine, try_out

_PROBE = b"<rss version='2.0'><channel><item><title>&amp;</title></item></channel></rss>"

#: Limit of the address space in bytes: a document that needs more fails alone.
_MAX_MEMORY = 1 << 30
#: Processor time for one web document in seconds: the largest honest one takes two. In contrast to
#: the pool's deadline, which is wall-clock time, a busy machine does not change it.
_MAX_CPU_S = 5
#: The same for an export file that an operator imports.
_MAX_EXPORT_CPU_S = 300

#: Module and function of each job, imported when first needed: most workers only read feeds, and
#: start in half the time.
JOBS: dict[str, tuple[str, str, dict[str, bool]]] = {
    "feed": ("feeds.feed", "read_feed", {}),
    "comments": ("responses.comments", "read_comments", {}),
    "page": ("pages.page", "read_page", {}),
    "system": ("responses.systems.answers", "read_system", {}),
    "rest": ("responses.wordpress", "read_rest", {}),
    "export": ("responses.exports", "read_export", {}),
    "page without article": ("pages.page", "read_page", {"wants_article": False}),
    "pictures": ("pages.picture", "make_pictures", {}),
}


def main() -> None:
    """Serve jobs `(name, arguments)`; answer `("done", result)` or `("failed", reason, passes)`."""
    jobs, answers = sys.stdin.buffer, _own_stdout()
    # Before the limits, under which Python could not write its bytecode files.
    _reader("feed")
    _limit_harm()
    os.environ.clear()
    if UNCONFINED not in sys.argv:
        confine()
        _check_parser()
    _send(answers, try_out())
    while (job := read_frame(jobs)) is not None:
        _limit_time(_MAX_EXPORT_CPU_S if job[0] == "export" else _MAX_CPU_S)
        _send(answers, _answer(*job))


def _check_parser() -> None:
    """End the process if the parsers do not work without what was taken; `pool` then gives it back.

    Raises:
        SystemExit: a small feed cannot be read.
    """
    probe = Document(body=_PROBE, url="https://example.org/")
    if _answer("feed", (probe, datetime(2026, 1, 1, tzinfo=UTC)))[0] != "done":
        sys.exit("the parsers do not work in the sandbox")


def _limit_harm() -> None:
    """Limit memory, and forbid writing files and core dumps, which would contain the document."""
    _limit(resource.RLIMIT_AS, _MAX_MEMORY)
    _limit(resource.RLIMIT_FSIZE, 0)  # pipes do not count as files
    _limit(resource.RLIMIT_CORE, 0)


def _limit_time(seconds: int) -> None:
    """Limit the processor time of one document, in case the pool cannot kill the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds, most)


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    # Not every system supports every limit; there the deadline still applies.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(what, (soft, soft if hard is None else hard))


def _answer(name: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        return "done", _reader(name)(*arguments)
    except FeedError as error:
        return "failed", error.reason, error.transient
    except Exception as error:
        # A library's message may quote the whole document, so it is cut.
        return "failed", f"cannot be read ({type(error).__name__}: {str(error)[:300]})", False


@cache
def _reader(name: str) -> Callable[..., Any]:
    module, function, settings = JOBS[name]
    return partial(getattr(import_module(f"digest.readers.{module}"), function), **settings)


def _own_stdout() -> IO[bytes]:
    """Reserve the pipe for answers: output of libraries goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _send(answers: IO[bytes], answer: Any) -> None:
    answers.write(frame(answer))
    answers.flush()


if __name__ == "__main__":
    main()
