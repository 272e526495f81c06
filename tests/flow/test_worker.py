"""`digest worker`: sends beside others on PostgreSQL, woken by the queue or by its own look."""

from __future__ import annotations

from pathlib import Path

from tests.support.project import Project


def test_with_sqlite_it_says_in_one_line_that_it_needs_postgresql(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write_config(feed_url="http://127.0.0.1:9/feed", smtp_port=9)
    result = project.run("worker")
    assert result.code == 2
    assert result.err.startswith("digest: digest worker needs PostgreSQL")
    assert len(result.err.splitlines()) == 1
