"""A program started without standard input, output or error, as `digest run <&- >&-` does."""

from __future__ import annotations

import subprocess
import sys

#: Runs `digest --version`, then writes to standard error which number the next file gets.
_PROGRAM = """
import os, sys
from digest.__main__ import main
sys.argv = ["digest", "--version"]
try:
    main()
except SystemExit:
    pass
print(os.open(os.devnull, os.O_RDONLY), file=sys.stderr)
"""


def test_files_and_sockets_never_get_the_numbers_of_the_standard_files() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" -c "$1" <&- >&-', sys.executable, _PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert int(done.stderr) > 2
