"""The page of results: each file of `bench/results/` as a table, and where it was measured."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docs.making import markdown

RESULTS = Path(__file__).parents[2] / "bench" / "results"
_HEAD = """\
Every figure that this documentation quotes is from these files. A file names the commit that was
measured; one that does not is older than this rule, and the commit that stored it is named
instead. [How to repeat them](../benchmarks.md)."""
#: What a file says about its run and not about its result.
_RUN = ("commit", "date", "machine", "python", "command")


def page() -> str:
    """Return the page."""
    parts = [_HEAD]
    for path in sorted(RESULTS.glob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        rows = [(markdown.code(key), markdown.code(value)) for key, value in flatten(found)]
        parts += [f"## {path.name}", measured_at(path, found)]
        parts.append(markdown.table(("key", "value"), rows))
    return markdown.page("Results", *parts)


def flatten(value: Any, place: str = "") -> Iterator[tuple[str, object]]:
    """Yield each figure with the path of its key, such as `speed.rounds`."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if place or key not in _RUN:
                yield from flatten(inner, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for number, inner in enumerate(value, start=1):
            yield from flatten(inner, f"{place}.{number}")
    elif isinstance(value, list):
        yield place, "; ".join(map(str, value))
    else:
        yield place, value


def measured_at(path: Path, found: Mapping[str, Any]) -> str:
    """Return when and where a file was measured, as one sentence."""
    said = [f"{found[key]}" for key in ("date", "machine") if found.get(key)]
    python = f"Python {found['python']}" if found.get("python") else ""
    commit = found.get("commit")
    where = f"Measured at commit {commit}" if commit else f"Stored by commit {_stored_by(path)}"
    return ", ".join(filter(None, [where, *said, python])) + "."


def _stored_by(path: Path) -> str:
    """Return the commit that changed a file last; outside a repository, that it is not known."""
    command = ["git", "log", "-1", "--format=%h", "--", path.name]
    try:
        found = subprocess.run(  # noqa: S603 - no argument is foreign
            command, cwd=path.parent, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "unknown"
    return found.stdout.strip() or "unknown"
