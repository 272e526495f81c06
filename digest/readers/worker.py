"""The process that parses: reads jobs from its standard input until that closes.

It ends with its parent, however that ends, for then the pipe closes. Run by `pool` as
`python -m digest.readers.worker`.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from collections.abc import Callable
from functools import partial
from typing import IO, Any

from digest.errors import FeedError
from digest.readers.comments import read_comments
from digest.readers.exports import read_export
from digest.readers.feed import read_feed
from digest.readers.frames import frame, read_frame
from digest.readers.page import read_page
from digest.readers.picture import make_pictures
from digest.readers.wordpress import read_rest

#: Address space: a document that wants more fails alone.
_MAX_MEMORY = 1 << 30

JOBS: dict[str, Callable[..., Any]] = {
    "feed": read_feed,
    "comments": read_comments,
    "page": read_page,
    "rest": read_rest,
    "export": read_export,
    "page without article": partial(read_page, wants_article=False),
    "pictures": make_pictures,
}


def main() -> None:
    """Serve jobs `(name, arguments)`; answer `("done", result)` or `("failed", reason, passes)`."""
    jobs, answers = sys.stdin.buffer, _own_stdout()
    _limit_memory()
    _send(answers, "ready")
    while (job := read_frame(jobs)) is not None:
        _send(answers, _answer(*job))


def _limit_memory() -> None:
    # Not every system lets its address space be limited; the deadline holds there too.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))


def _answer(name: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    try:
        return "done", JOBS[name](*arguments)
    except FeedError as error:
        return "failed", error.reason, error.transient
    except Exception as error:
        return "failed", f"cannot be read ({type(error).__name__}: {error})", False


def _own_stdout() -> IO[bytes]:
    """Keep the pipe for answers alone: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _send(answers: IO[bytes], answer: Any) -> None:
    answers.write(frame(answer))
    answers.flush()


if __name__ == "__main__":
    main()
