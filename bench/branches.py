"""Branches that the unit tests take in the pure modules: all but those in `branches.toml`.

`make coverage` measures and compares. `branches.toml` names each branch that is not taken, by the
file and the text of its line, with the reason; a branch that is missing there fails the check, and
so does an entry whose branch is taken now or does not exist.
`python -m bench.branches REPORT --show` lists the branches that are neither taken nor named.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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
    """Return the branches that need not be taken.

    Raises:
        ValueError: an entry has no reason.
    """
    named: Counter[Branch] = Counter()
    for each in tomllib.loads(EXCEPTIONS.read_text("utf-8")).get("branch", []):
        if len(each.get("reason", "")) < 20:
            raise ValueError(f"{EXCEPTIONS.name}: {each['file']}: {each['line']}: has no reason")
        named[Branch(each["file"], each["line"], each["to"])] += 1
    return named


def main() -> None:
    """Compare a report with the named exceptions."""
    missing, named = Counter(missing_branches(Path(sys.argv[1]))), named_branches()
    untaken, stale = missing - named, named - missing
    if "--show" in sys.argv:
        for branch in sorted(untaken.elements()):
            keys = (f"{key} = {value!r}" for key, value in branch._asdict().items())
            print("[[branch]]", *keys, "", sep="\n")
    print(f"{missing.total()} branches of pure modules are not taken; {named.total()} are named")
    faults = [f"not taken: {each.file}: {each.line} -> {each.to}" for each in untaken.elements()]
    faults += [f"named but taken, or gone: {each.file}: {each.line}" for each in stale.elements()]
    if faults:
        sys.exit("\n".join(faults))


def _is_named(file: str, effects: list[str]) -> bool:
    module = file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return any(
        module == effect or (effect.endswith(".*") and module.startswith(effect[:-1]))
        for effect in effects
    )


if __name__ == "__main__":
    main()
