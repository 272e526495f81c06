"""Ctrl-C ends a server quietly, also in its first moments."""

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


@pytest.fixture
def configured(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write_config(feed_url="http://127.0.0.1:9/feed", smtp_port=9)
    return project


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc, as on Linux")
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
    config = configured.config
    process = subprocess.Popen(
        [sys.executable, "-m", "digest", "--config", str(config), *command],
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
        time.sleep(after_s)
        os.killpg(process.pid, signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert "Traceback" not in err
    assert process.returncode == 0, err
