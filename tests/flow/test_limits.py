"""Limits of the system: open files, and the disk of temporary files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from digest.store.engines.sqlite_limits import full_temporary_folder, temporary_folder
from tests.support.project import Project


@pytest.fixture
def configured(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write_config(feed_url="http://127.0.0.1:9/feed", smtp_port=9)
    return project


def limited(project: Project, limits: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with other limits of open files."""
    command = [sys.executable, "-m", "digest", "--config", str(project.config), *arguments]
    return subprocess.run(
        ["/bin/bash", "-c", f'{limits}; exec "$@"', "bash", *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_low_limit_of_open_files_is_raised(configured: Project) -> None:
    done = limited(configured, "ulimit -S -n 8", "status")
    assert (done.returncode, done.stderr) == (0, "")


def test_too_few_open_files_are_named(configured: Project) -> None:
    # Of them three are the standard files; the database needs more than the other two.
    done = limited(configured, "ulimit -n 5", "status")
    assert done.returncode == 75
    assert "too many open files" in done.stderr


def test_temporary_files_are_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path / "none"))
    assert temporary_folder() == tmp_path


def test_a_temporary_folder_on_the_same_disk_is_not_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    assert full_temporary_folder(tmp_path / "digest.db") is None
