"""The entry point of `digest`: a signal ends a server quietly, also while it starts."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from digest.signals import stop_signals

#: Commands that run until they are stopped.
_SERVERS = ("run", "serve", "worker")
#: Files and connections that a process may have open, if the system allows it.
_OPEN_FILES = 4096
#: Options before the command that take a value.
_WITH_VALUE = ("-c", "--config")


def main() -> None:
    """Run the command that the arguments name."""
    _open_standard_files()
    _allow_open_files()
    command = _server_of(sys.argv[1:])
    if command == "run":
        # It asks for the configuration to be read again; `digest run` unblocks it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    if command:
        for number in stop_signals():
            signal.signal(number, _end)
    # Imported afterwards: it takes long enough to be interrupted.
    import_module("digest.cli").main()


def _open_standard_files() -> None:
    """Open standard input, output and error on nothing if the caller has closed them.

    Otherwise a file or socket gets such a number, and child processes take it for their own.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)


def _allow_open_files() -> None:
    """Raise the limit of open files if the system allows it: each connection needs one or more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        # Refused only by a rule of the system, such as one of containers.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _server_of(arguments: Sequence[str]) -> str:
    """Return the command if it runs until it is stopped, else an empty text."""
    words = [
        word
        for before, word in zip(["", *arguments], arguments, strict=False)
        if not word.startswith("-") and before not in _WITH_VALUE
    ]
    command = words[0] if words else ""
    is_server = command in _SERVERS or (command == "demo" and "--serve" in arguments)
    return command if is_server else ""


def _end(_number: int, _frame: object) -> NoReturn:
    """End the process as after its work; a server's loop replaces this handler with its own."""
    sys.exit(0)


if __name__ == "__main__":
    main()
