from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from digest.store.locks import take_turn

_HOLD = """
import sys
from pathlib import Path
from digest.store.locks import take_turn
with take_turn(Path(sys.argv[1]), "weekly") as is_ours:
    print(is_ours, flush=True)
    sys.stdin.read()
"""


def test_only_one_has_a_turn(tmp_path: Path) -> None:
    with take_turn(tmp_path, "weekly") as first, take_turn(tmp_path, "weekly") as second:
        assert (first, second) == (True, False)
    with take_turn(tmp_path, "weekly") as again:
        assert again


def test_turns_of_other_names_are_free(tmp_path: Path) -> None:
    with take_turn(tmp_path, "weekly"), take_turn(tmp_path, "monthly") as other:
        assert other


def test_the_turn_of_a_process_that_is_killed_is_free_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        with take_turn(tmp_path, "weekly") as is_ours:
            assert not is_ours
        process.kill()
        process.wait()
    with take_turn(tmp_path, "weekly") as is_ours:
        assert is_ours
