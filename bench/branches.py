"""Branches that the unit tests take in the pure modules: all but those in `branches.toml`.

`make coverage` measures and compares. `branches.toml` names each branch that no test can take, by
the file and the text of its line, with the reason; and it has the number of branches of each file
that still want a test, which may only fall. `python -m bench.branches REPORT --show` lists them;
`--record` writes the numbers down.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
EXCEPTIONS = Path(__file__).parent / "branches.toml"
#: Rooms whose modules are pure but for those that `pyproject.toml` names as I/O.
ROOMS = (
    "digest/alerts.py",
    "digest/bounces",
    "digest/composer",
    "digest/errors.py",
    "digest/letter",
    "digest/models",
    "digest/readers",
    "digest/scheduler",
    "digest/sender",
    "digest/templating",
    "digest/text",
    "subscribers",
)
#: The contract of import-linter that names the I/O modules.
_OPEN = "[open]\n"
_LEAST_REASON = 20
_SQL = re.compile(r"^(?:from|import) sqlalchemy", re.MULTILINE)
_CONTRACT = "Everything is pure but the named I/O modules"


class Branch(NamedTuple):
    """A way that a line can go and no test goes."""

    file: str
    #: The text of the line where it begins, without its indent.
    line: str
    #: The text of the line where it leads, or `end` for the end of its function.
    to: str


def pure_files(root: Path = ROOT) -> frozenset[str]:
    """Return the paths of the modules that open nothing, relative to the repository."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    [contract] = [each for each in contracts["contracts"] if each["name"] == _CONTRACT]
    effects = [each.partition(" ->")[0] for each in contract["ignore_imports"]]
    return frozenset(
        file
        for room in ROOMS
        for path in ([root / room] if room.endswith(".py") else (root / room).rglob("*.py"))
        if not _is_named(file := path.relative_to(root).as_posix(), effects)
        # The tables of people: each has SQL, which the contract tests run on both databases.
        and not (room == "subscribers" and _SQL.search(path.read_text("utf-8")))
    )


def missing_branches(report: Path, root: Path = ROOT) -> Iterator[Branch]:
    """Yield the branches of the pure modules that were not taken, from a JSON report."""
    pure = pure_files(root)
    for file, found in json.loads(report.read_text("utf-8"))["files"].items():
        if file in pure:
            lines = (root / file).read_text("utf-8").splitlines()
            for start, end in found["missing_branches"]:
                to = lines[end - 1].strip() if end > 0 else "end"
                yield Branch(file, lines[start - 1].strip(), to)


def named_branches() -> Counter[Branch]:
    """Return the branches that no test can take.

    Raises:
        ValueError: an entry has no reason.
    """
    named: Counter[Branch] = Counter()
    for each in _listed().get("branch", []):
        if len(each.get("reason", "")) < _LEAST_REASON:
            raise ValueError(f"{EXCEPTIONS.name}: {each['file']}: {each['line']}: has no reason")
        named[Branch(each["file"], each["line"], each["to"])] += 1
    return named


def find_faults(
    missing: Counter[Branch], named: Counter[Branch], still: dict[str, int]
) -> list[str]:
    """Return a line for each file with more untaken branches than it had.

    Args:
        missing: the branches that were not taken.
        named: those that no test can take.
        still: the number of others, by file.
    """
    found = Counter(branch.file for branch in (missing - named).elements())
    return [
        f"{file}: {count} branches are not taken, {still.get(file, 0)} were before"
        for file, count in sorted(found.items())
        if count > still.get(file, 0)
    ]


def main() -> None:
    """Compare a report with the list."""
    missing, named = Counter(missing_branches(Path(sys.argv[1]))), named_branches()
    untaken = missing - named
    if "--show" in sys.argv:
        for branch in sorted(untaken.elements()):
            print(f"{branch.file}: {branch.line} -> {branch.to}")
    if "--record" in sys.argv:
        counts = Counter(branch.file for branch in untaken.elements())
        text = EXCEPTIONS.read_text("utf-8").partition(_OPEN)[0] + _OPEN
        lines = (f'"{file}" = {count}\n' for file, count in sorted(counts.items()))
        EXCEPTIONS.write_text(text + "".join(lines), "utf-8")
    print(f"{named.total()} branches can be taken by no test; {untaken.total()} still want one")
    if faults := find_faults(missing, named, _listed().get("open", {})):
        sys.exit("\n".join(faults))


def _listed() -> dict[str, Any]:
    return tomllib.loads(EXCEPTIONS.read_text("utf-8"))


def _is_named(file: str, effects: list[str]) -> bool:
    module = file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return any(
        module == effect or (effect.endswith(".*") and module.startswith(effect[:-1]))
        for effect in effects
    )


if __name__ == "__main__":
    main()
