"""Killing a sending process again and again, and counting afterwards what arrived."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: `PROOF=1` asks for the long figures.
KILLS = 30 if os.environ.get("PROOF") else 10
_WAIT_S = 60.0
_POLL_S = 0.001


@dataclass(frozen=True)
class SlowServer:
    """A mail server in a process of its own."""

    port: int
    log: Path

    def arrived(self) -> Counter[str]:
        """Count the Message-IDs whose content the server took."""
        return Counter(self.log.read_text().split()) if self.log.exists() else Counter()

    def size(self) -> int:
        """Give how much was logged: it grows by one line a mail."""
        return self.log.stat().st_size if self.log.exists() else 0


@contextmanager
def slow_server(folder: Path) -> Iterator[SlowServer]:
    """Run the server as long as the block lasts."""
    port_file, log = folder / "port", folder / "arrived.log"
    process = subprocess.Popen([sys.executable, "-m", "tests.smtp_sink", port_file, log])
    try:
        _wait_for(port_file, process)
        yield SlowServer(port=int(port_file.read_text()), log=log)
    finally:
        process.kill()
        process.wait()


def kill_in_mid_send(command: Sequence[str], server: SlowServer, *, most_mails: int) -> int:
    """Start a sending process and kill it after a random number of mails; gives its exit code."""
    before = server.size()
    after = before + random.randint(0, most_mails) * 20
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + _WAIT_S
    while process.poll() is None and (server.size() <= after) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    process.kill()
    return process.wait()


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _WAIT_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the mail server did not start")
        time.sleep(0.01)
