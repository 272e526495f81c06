"""Takes from the parser process what parsers do not need, and tries out what holds.

Where the system offers nothing of the kind, only the limits of `worker` hold.
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys

from digest.models import Confinement
from digest.readers.parsing.landlock import restrict
from digest.readers.parsing.seccomp import refuse_calls

_NO_NEW_PRIVILEGES = 38


def confine() -> None:
    """Take network, writing of files and new processes from this process, for ever.

    Reading files stays allowed: modules are imported when they are first needed.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0:
        restrict(library)
        refuse_calls(library)


def try_out() -> Confinement:
    """Return what this process cannot do, by trying each; nothing is sent or changed."""
    return Confinement(
        network=not _can_connect(),
        writing=not _can_write(),
        processes=not _can_fork(),
        environment=not os.environ,
    )


def _can_connect() -> bool:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
            connection.connect(("127.0.0.1", 9))  # sends nothing
    except PermissionError:
        return False
    except OSError:
        return True
    return True


def _can_write() -> bool:
    try:
        os.close(os.open(os.devnull, os.O_WRONLY))
    except PermissionError:
        return False
    return True


def _can_fork() -> bool:
    try:
        child = os.fork()
    except OSError:
        return False
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True
