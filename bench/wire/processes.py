"""Runs programs: one to its end, with what it used, or one as a server."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_LONGEST_START_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A program that ended well."""

    wall_s: float
    #: User and system time, with that of its children.
    cpu_s: float
    #: Peak of its resident memory, without that of its children.
    peak_mb: float
    out: str


def run_to_end(
    command: Sequence[str], *, folder: Path | None = None, env: dict[str, str] | None = None
) -> Ended:
    """Run a program and measure it.

    Raises:
        RuntimeError: it failed; the message has the end of its errors.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(env or {})}, stdout=out, stderr=errors
        )
        with _peak_of(child.pid) as peak:
            _, status, used = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        said = out.read()
        if child.returncode:
            problem = (errors.read() or said)[-2000:]
            raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {problem}")
    return Ended(
        wall_s=wall_s, cpu_s=used.ru_utime + used.ru_stime, peak_mb=max(peak, default=0.0), out=said
    )


@contextmanager
def _peak_of(pid: int) -> Iterator[list[float]]:
    """Collect the peak memory of a process during the block.

    The kernel's own figure for an ended child, `ru_maxrss`, begins with the memory of its parent.
    """
    found: list[float] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.02):
            with suppress(OSError, IndexError):  # it has ended
                status = Path(f"/proc/{pid}/status").read_text("utf-8")
                found[:] = [int(status.split("VmHWM:")[1].split()[0]) / 1024]

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        is_over.set()
        watcher.join()


@contextmanager
def serving(command: Sequence[str], port: int) -> Iterator[int]:
    """Run a server during the block; yield its port once it accepts connections.

    Raises:
        RuntimeError: it does not listen.
    """
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _LONGEST_START_S
        while not _is_listening(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not listen on port {port}")
            time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port of this machine that no server uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        number: int = listener.getsockname()[1]
        return number


def cpu_of(pid: int) -> float:
    """Return the processor seconds that all threads of a running process have used."""
    stats = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(each.read_text("utf-8").split()[0]) for each in stats) / 1e9


def _is_listening(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0
