"""The mail servers that every sender sends to, and the long way between them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.wire.processes import free_port, serving

#: Simultaneous connections that a server accepts.
_MANY = "1024"


@contextmanager
def running_sink() -> Iterator[int]:
    """Run postfix's `smtp-sink`, or our own server without postfix; yield its port.

    It accepts every mail and offers PIPELINING.
    """
    port = free_port()
    program = tool("smtp-sink")
    if program:
        # As root it refuses to run without an account to change to.
        account = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [program, *account, "-m", _MANY, f"127.0.0.1:{port}", _MANY]
    else:
        command = [sys.executable, "-m", "bench.wire.fast_sink", str(port)]
    with serving(command, port):
        yield port


@contextmanager
def running_tls_sink(certificate: Path) -> Iterator[int]:
    """Run a server that encrypts from the first byte; `smtp-sink` cannot. Yield its port."""
    port = free_port()
    with serving([sys.executable, "-m", "bench.wire.fast_sink", str(port), str(certificate)], port):
        yield port


@contextmanager
def far_away(port: int, delay_ms: float) -> Iterator[int]:
    """Run a proxy that delays each direction; yield the port that leads to the server."""
    own = free_port()
    command = [sys.executable, "-m", "bench.wire.delay_proxy", str(own), str(port), str(delay_ms)]
    with serving(command, own):
        yield own


def tool(name: str) -> str | None:
    """Return the path of one of postfix's tools, which are often not on the path of a user."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
