"""The figures of long runs, stored for the README."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

#: `PROOF=1` asks for the long runs: more kills, more rounds, more examples.
IS_PROOF = bool(os.environ.get("PROOF"))

_RESULTS = Path(__file__).parents[2] / "bench" / "results"


def record(name: str, **figures: int | float | str) -> None:
    """Write the figures of a long run under `bench/results/`; a short run writes nothing."""
    if not IS_PROOF:
        return
    told = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "python": platform.python_version(), **figures}
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / f"{name}.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")
