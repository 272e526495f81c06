"""Word lists are read when a text needs them, not when the modules are loaded."""

from __future__ import annotations

import subprocess
import sys

_LIST_OPENED = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
import {module}
print([name for name in opened if "lexicon/data" in name])
"""


def opened_by(module: str) -> str:
    """Return the word lists that are opened while a module is imported."""
    run = subprocess.run(
        [sys.executable, "-c", _LIST_OPENED.format(module=module)],
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


def test_the_start_of_a_send_reads_no_word_list() -> None:
    assert opened_by("digest.cli.send, digest.newsroom.send") == "[]"


def test_the_check_for_removed_comments_reads_no_list_before_it_runs() -> None:
    assert opened_by("digest.pipeline.removed") == "[]"
