"""Turns of processes, on each engine."""

from __future__ import annotations

import subprocess
import sys
import time

from digest.store.engine import Database
from tests.support.databases import as_text

_HOLD = """
import sys
from digest.store.engine import Database
with Database(sys.argv[1]).take_turn("weekly") as is_ours:
    print(is_ours, flush=True)
    sys.stdin.read()
"""


def test_only_one_process_has_a_turn(database: Database) -> None:
    with database.take_turn("weekly") as first, database.take_turn("weekly") as second:
        assert (first, second) == (True, False)
    with database.take_turn("weekly") as again:
        assert again


def test_turns_of_other_names_are_free(database: Database) -> None:
    with database.take_turn("weekly"), database.take_turn("monthly") as other:
        assert other


def test_the_turn_of_a_process_that_is_killed_is_free_at_once(database: Database) -> None:
    command = [sys.executable, "-c", _HOLD, as_text(database.url)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        with database.take_turn("weekly") as is_ours:
            assert not is_ours
        process.kill()
        process.wait()
    assert wait_for_turn(database)


def wait_for_turn(database: Database) -> bool:
    """Return whether the turn becomes free soon; the server must notice the client's end."""
    for _ in range(100):
        with database.take_turn("weekly") as is_ours:
            if is_ours:
                return True
        time.sleep(0.02)
    return False
