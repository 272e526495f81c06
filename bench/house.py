"""Measures the code: rooms and imports, the way of one post, one field, the start of commands.

`python -m bench.house` runs only this, in a minute; with `--list` it prints the files and arrows
that were counted.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench.circumstances import circumstances
from bench.fields import PROBE, name_files, name_texts
from bench.report import RESULTS, Figure
from bench.rooms import Plan, draw_plan
from bench.startup import TARGETS, measure_startup
from bench.walk import files_of, walk

ROOT = Path(__file__).parents[1]
PACKAGES = ("digest", "digest/composer", "digest/letter", "digest/store")
#: The limit of files in which a function runs on a post's way.
WALK_TARGET = 110


def measure() -> list[Figure]:
    """Measure everything, write `bench/results/house.json`, return the figures of the commands."""
    unit_s, commands = measure_startup(ROOT)
    figures = [
        Figure(
            name=f"`digest {call}`",
            peer="`import typer, pydantic, sqlalchemy`",
            ratio=seconds / unit_s,
            unit="times its processor time",
            detail=f"at most {TARGETS[call]:g}; {seconds:.2f} s against {unit_s:.2f} s",
        )
        for call, seconds in commands.items()
    ]
    steps = walk()
    counts = {
        **circumstances(),
        "rooms": {each: _counts(draw_plan(ROOT, each)) for each in PACKAGES},
        "walk": {
            "files": len(files_of(steps)),
            "at_most": WALK_TARGET,
            "by_step": {step: len(files) for step, files in steps.items()},
        },
        "field": {
            "name": PROBE,
            "code": len(name_files(ROOT)),
            "templates_and_docs": len(name_texts(ROOT)),
        },
        "startup": {
            call: {"ratio": round(seconds / unit_s, 2), "at_most": TARGETS[call]}
            for call, seconds in commands.items()
        },
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "house.json").write_text(json.dumps(counts, indent=1) + "\n", "utf-8")
    return figures


def _counts(plan: Plan) -> dict[str, Any]:
    return {
        "rooms": len(plan.rooms),
        "arrows": len(plan.arrows),
        "floors": plan.floors,
        "circles": len(plan.circles),
        "upward": len(plan.upward),
    }


def _list_all() -> None:
    """Print the files and arrows that were counted."""
    for package in PACKAGES:
        plan = draw_plan(ROOT, package)
        arrows = [
            f"{room} -> {target}{' (upward)' if (room, target) in plan.upward else ''}"
            for room, target in plan.arrows
        ]
        _print_list(f"rooms of {package}", plan.rooms)
        _print_list(f"arrows in {package}", arrows)
    steps = walk()
    _print_list(
        "files on the way of one post",
        [
            f"{file} ({', '.join(step for step, files in steps.items() if file in files)})"
            for file in files_of(steps)
        ],
    )
    _print_list(f"files that name `{PROBE}`", name_files(ROOT))
    _print_list(f"templates and docs that name `{PROBE}`", name_texts(ROOT))


def _print_list(title: str, lines: tuple[str, ...] | list[str]) -> None:
    print(f"\n{len(lines)} {title}", *lines, sep="\n  ")


if __name__ == "__main__":
    for figure in measure():
        print(f"{figure.name}: {figure.ratio:.2f} {figure.unit}, {figure.detail}")
    print((RESULTS / "house.json").read_text("utf-8"))
    if "--list" in sys.argv:
        _list_all()
