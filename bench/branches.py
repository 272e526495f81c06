"""Branches that the unit tests take, for each pure room; no room may fall below what it had.

`make coverage` measures and compares. `python -m bench.branches REPORT --record` writes the figures
of a report down as the new floors.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

FLOORS = Path(__file__).parent / "results" / "branches.json"
#: Rooms whose modules are pure but for the few that `pyproject.toml` names.
ROOMS = (
    "digest/alerts.py",
    "digest/composer",
    "digest/letter",
    "digest/models",
    "digest/readers",
    "digest/scheduler",
    "digest/sender",
    "digest/text",
    "subscribers",
)
#: A figure may move by this much without a test being lost, in percentage points.
SLACK = 0.05


def branch_figures(report: Path) -> dict[str, float]:
    """Return the share of branches taken in each room, in per cent, from a JSON report."""
    files = json.loads(report.read_text("utf-8"))["files"]
    taken: dict[str, int] = defaultdict(int)
    all_: dict[str, int] = defaultdict(int)
    for file, found in files.items():
        room = next((room for room in ROOMS if file == room or file.startswith(f"{room}/")), None)
        if room is not None:
            taken[room] += found["summary"]["covered_branches"]
            all_[room] += found["summary"]["num_branches"]
    return {room: round(100 * taken[room] / all_[room], 2) for room in ROOMS if all_[room]}


def main() -> None:
    """Compare a report with the floors, or record it."""
    figures = branch_figures(Path(sys.argv[1]))
    if "--record" in sys.argv:
        FLOORS.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    floors = json.loads(FLOORS.read_text("utf-8"))
    fallen = [room for room, floor in floors.items() if figures.get(room, 0) < floor - SLACK]
    for room, figure in figures.items():
        print(f"{room:20} {figure:6.2f} %  (floor {floors.get(room, 0):.2f} %)")
    if fallen:
        sys.exit(f"fewer branches are tested than before in: {', '.join(fallen)}")


if __name__ == "__main__":
    main()
