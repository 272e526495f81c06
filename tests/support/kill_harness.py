"""Kill or stop sending processes repeatedly, and count the mails that arrived."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pytest_httpserver import HTTPServer
from sqlalchemy import text

from digest.store.engine import Database
from tests.support.forks import Started
from tests.support.project import Project, rss
from tests.support.slow_sink import LOG_LINE, gate_of

_WAIT_S = 60.0
_POLL_S = 0.001
#: The mails that the server answers beyond those that a test waits for.
_AHEAD = 10
#: The same for a kill, which must not find every connection waiting at the gate.
_KILL_AHEAD = 60
#: The longest reply time of the server, in seconds: a kill comes at any point of it.
_REPLY_S = 0.01


@dataclass(frozen=True)
class SlowServer:
    """A mail server in its own process."""

    port: int
    log: Path

    def arrived(self) -> Counter[str]:
        """Count the Message-IDs whose content the server accepted."""
        return Counter(line.split()[0] for line in self._lines())

    def reached(self) -> Counter[str]:
        """Count the mails by recipient."""
        return Counter(line.split()[1] for line in self._lines())

    def count(self) -> int:
        """Return how many mails the server accepted, without reading them."""
        return self.log.stat().st_size // LOG_LINE if self.log.exists() else 0

    def wait_at(self, count: int | None) -> None:
        """Let the server answer no mail after this number; None: let it answer all."""
        gate = gate_of(self.log)
        if count is None:
            gate.unlink(missing_ok=True)
            return
        part = gate.with_suffix(".part")
        part.write_text(str(count), "ascii")
        part.rename(gate)

    def _lines(self) -> list[str]:
        return self.log.read_text("utf-8").splitlines() if self.log.exists() else []


@contextmanager
def slow_server(folder: Path, *extensions: str) -> Iterator[SlowServer]:
    """Run the server for the block; it offers these extensions."""
    port_file, log = folder / "port", folder / "arrived.log"
    program = [sys.executable, "-m", "tests.support.slow_sink"]
    process = subprocess.Popen([*program, port_file, log, *extensions])
    try:
        _wait_for(port_file, process)
        yield SlowServer(port=int(port_file.read_text()), log=log)
    finally:
        process.kill()
        process.wait()


def kill_in_mid_send(
    start: Callable[[], Started], server: SlowServer, *, most_mails: int, processes: int = 1
) -> list[int]:
    """Start sending processes and kill them at a random point; return their exit codes.

    Three times in four after some mails, else before or soon after the first.
    """
    last = server.count() + random.randint(0, most_mails)
    server.wait_at(last + _KILL_AHEAD)
    wait_s = _WAIT_S if random.random() < 0.75 else random.uniform(0.02, 0.6)
    deadline = time.monotonic() + wait_s
    sends = [start() for _ in range(processes)]
    while server.count() <= last and time.monotonic() < deadline and _is_any_running(sends):
        time.sleep(_POLL_S)
    # Without this, each kill would follow an acceptance, when most content has arrived.
    time.sleep(random.uniform(0, _REPLY_S))
    for send in sends:
        send.kill()
    codes = [send.wait() for send in sends]
    server.wait_at(None)
    return codes


def _is_any_running(processes: Iterable[Started]) -> bool:
    return any(process.poll() is None for process in processes)


def stop_in_mid_send(
    start: Callable[[], Started], server: SlowServer, *, times: int, most_mails: int
) -> list[int]:
    """Stop sending processes one after another, each after some mails; return their exit codes.

    The next one is started while the former still sends, and waits for its turn.
    """
    codes = []
    sending = start()
    for _ in range(times):
        waiting = start()
        codes.append(_stop(sending, server, after=random.randint(0, most_mails)))
        sending = waiting
    codes.append(_stop(sending, server, after=0))
    server.wait_at(None)
    return codes


def stop_one(
    start: Callable[[], Started],
    server: SlowServer,
    *,
    most_mails: int,
    by: signal.Signals = signal.SIGTERM,
) -> tuple[int, float]:
    """Start a sending process and stop it by a signal after some mails.

    Returns:
        Its exit code, and the seconds from the signal to its end.
    """
    last = server.count() + random.randint(0, most_mails)
    server.wait_at(last + _KILL_AHEAD)
    process = start()
    wait_until(lambda: server.count() > last and handles(process.pid, by))
    time.sleep(random.uniform(0, _REPLY_S))
    stopped_at = time.monotonic()
    process.send_signal(by)
    server.wait_at(None)
    return process.wait(timeout=_WAIT_S), time.monotonic() - stopped_at


def _stop(process: Started, server: SlowServer, *, after: int) -> int:
    """Stop a process when the server has got more mails; return its exit code."""
    last = server.count() + after
    server.wait_at(last + _AHEAD)
    wait_until(partial(_has_more, server, last))
    wait_until(partial(handles, process.pid, signal.SIGTERM))
    process.terminate()
    # It ends what it has begun; the next process may begin, but not finish.
    server.wait_at(server.count() + 2 * _AHEAD)
    return process.wait(timeout=_WAIT_S)


def handles(process_id: int, number: signal.Signals) -> bool:
    """Return whether a process has a handler of its own for a signal (proc(5), SigCgt)."""
    status = Path(f"/proc/{process_id}/status")
    if not status.exists():  # not Linux: the process is taken to be that far
        return True
    lines = status.read_text("ascii").splitlines()
    [caught] = [line.split()[1] for line in lines if line.startswith("SigCgt:")]
    return bool(int(caught, 16) >> (number - 1) & 1)


def _has_more(server: SlowServer, than: int) -> bool:
    return server.count() > than


def wait_until(
    is_so: Callable[[], bool], *, poll_s: float = _POLL_S, most_s: float = _WAIT_S
) -> None:
    """Wait for another process; `most_s` only detects a hang.

    It counts polls, not the clock, which also goes on while this process is suspended.
    """
    for _ in range(int(most_s / poll_s)):
        if is_so():
            return
        time.sleep(poll_s)
    raise TimeoutError("it did not happen")


def compose_edition(
    project: Project, server_port: int, *, subscribers: int, connections: int, database: str
) -> None:
    """Write a project's configuration, import subscribers, and make a draft to send."""
    with HTTPServer(host="127.0.0.1") as site:
        feed = rss("A bridge is mended", "A mill turns again", "A clock is late")
        site.expect_request("/feed").respond_with_data(feed, content_type="application/rss+xml")
        project.write_config(
            feed_url=site.url_for("/feed"),
            smtp_port=server_port,
            connections=connections,
            database=database,
        )
        project.add_subscribers(subscribers)
        assert project.run("collect").code == 0
        assert project.run("compose").code == 0


def wait_until_unlocked(database: Database) -> None:
    """Wait until PostgreSQL has ended the sessions of killed workers, and so freed their locks."""
    locks = text(
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE l.locktype = 'advisory' AND d.datname = current_database()"
    )

    def has_none() -> bool:
        with database.read() as connection:
            return not connection.execute(locks).scalar_one()

    wait_until(has_none)


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _WAIT_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the mail server did not start")
        time.sleep(0.01)
