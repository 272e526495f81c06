"""A signal ends a server quietly, also in its first moments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.kill_harness import handles
from tests.support.project import Project

on_linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="reads /proc, as on Linux"
)


@pytest.fixture
def configured(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write_config(feed_url="http://127.0.0.1:9/feed", smtp_port=9)
    return project


def end_server(
    configured: Project,
    command: tuple[str, ...],
    after_s: float,
    *signals: signal.Signals,
    before: tuple[str, ...] = (),
) -> tuple[int, str]:
    """Start a server, send it signals; return its exit code and errors."""
    config = configured.config
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "digest", "--config", str(config), *command],
        cwd=config.parent,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Its own group, as in a terminal: what it starts gets the signal too.
        start_new_session=True,
    )
    try:
        while not handles(process.pid, signal.SIGTERM):
            time.sleep(0.01)
        for number in signals:
            time.sleep(after_s)
            os.killpg(process.pid, number)
        _out, err = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert "Traceback" not in err
    return process.returncode, err


@on_linux
@pytest.mark.parametrize(
    ("command", "after_s"),
    [
        (("run",), 0),
        (("run", "--serve"), 0.4),
        (("serve",), 2),
        (("demo", "--serve"), 0),
        (("demo", "--serve"), 2),
    ],
)
def test_ctrl_c_ends_a_server_with_exit_code_0(
    configured: Project, command: tuple[str, ...], after_s: float
) -> None:
    code, err = end_server(configured, command, after_s, signal.SIGINT)
    assert code == 0, err


@on_linux
@pytest.mark.parametrize("after_s", [0, 2])
def test_a_closed_terminal_ends_the_pages_with_exit_code_0(
    configured: Project, after_s: float
) -> None:
    code, err = end_server(configured, ("serve",), after_s, signal.SIGHUP)
    assert code == 0, err


@on_linux
def test_nohup_keeps_the_pages_when_the_terminal_closes(configured: Project) -> None:
    signals = (signal.SIGHUP, signal.SIGKILL)
    code, _ = end_server(configured, ("serve",), 1, *signals, before=("nohup",))
    assert code == -signal.SIGKILL


@on_linux
def test_an_early_reload_of_the_schedule_ends_nothing(configured: Project) -> None:
    code, err = end_server(configured, ("run",), 0, signal.SIGHUP, signal.SIGTERM)
    assert code == 0, err
