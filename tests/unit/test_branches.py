"""The check of the branches that the unit tests take."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from bench.branches import ROOT, Branch, find_faults, missing_branches, named_branches, pure_files

_FILE = "digest/text/counted.py"


def test_io_modules_and_tables_are_not_pure() -> None:
    pure = pure_files()
    assert {_FILE, "subscribers/rows.py", "digest/readers/feeds/charset.py"} <= pure
    for effects in ("digest/sender/run.py", "digest/readers/web/fetch.py", "subscribers/people.py"):
        assert (ROOT / effects).is_file()
        assert effects not in pure


def test_a_branch_is_named_by_the_text_of_its_lines(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    files = {
        file: {"missing_branches": [[1, 3], [1, -1]]} for file in (_FILE, "digest/app/user.py")
    }
    report.write_text(json.dumps({"files": files}), "utf-8")
    first, _, third = (ROOT / _FILE).read_text("utf-8").splitlines()[:3]
    assert list(missing_branches(report)) == [
        Branch(_FILE, first.strip(), third.strip()),
        Branch(_FILE, first.strip(), "end"),
    ]


def test_a_file_may_not_lose_a_tested_branch() -> None:
    lost, never = Branch(_FILE, "if a:", "end"), Branch(_FILE, "while True:", "end")
    missing = Counter((lost, never))
    assert find_faults(missing, Counter((never,)), {_FILE: 1}) == []
    [fault] = find_faults(missing, Counter((never,)), {})
    assert fault == f"{_FILE}: 1 branches are not taken, 0 were before"


def test_each_named_branch_is_in_a_pure_file_that_has_its_line() -> None:
    pure = pure_files()
    for branch in named_branches():
        assert branch.file in pure
        lines = map(str.strip, (ROOT / branch.file).read_text("utf-8").splitlines())
        assert branch.line in lines
