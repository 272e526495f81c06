"""Look for bytes that break a reader: `python -m tests.fuzz NAME SECONDS`; lists names without it.

Findings are stored under `tests/data/fuzz`; a test replays them to every reader.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["digest", "feedparser"]):
    from tests.support.reading import FINDINGS, TARGETS, check, seeds

#: Longer inputs are for the tests that measure time.
_MAX_BYTES = 1 << 15
#: Longer ones would take too long to read before the first mutation.
_MAX_SEED_BYTES = 1 << 12


def fuzz(name: str, seconds: str) -> None:
    """Run one target and end the process, with an error code if something was found."""
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(seeds(name)):
            if path.stat().st_size <= _MAX_SEED_BYTES:
                shutil.copyfile(path, Path(folder) / str(number))
        FINDINGS.mkdir(exist_ok=True)
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={_MAX_BYTES}",
            "-timeout=30",
            "-rss_limit_mb=2048",
            f"-artifact_prefix={FINDINGS / name}-",
        ]
        atheris.Setup([sys.argv[0], *options, folder], partial(check, name))
        atheris.Fuzz()


if len(sys.argv) == 1:
    sys.stdout.write(" ".join(TARGETS) + "\n")
else:
    fuzz(*sys.argv[1:])
