"""Figures that the README and the documentation quote are those of the files of results."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from docs.making import results
from docs.making.results import RESULTS, flatten
from tests.support.snippets import ROOT, pages

_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Claim:
    """One row of a table whose last column is `result file`."""

    page: str
    #: The figures as they are printed.
    figure: str
    #: Each a file and keys of it, with ` + ` between them.
    sources: tuple[str, ...]


def _claims() -> Iterator[Claim]:
    for page in pages():
        is_in_table = False
        for line in page.read_text("utf-8").splitlines():
            if line.endswith("| result file |"):
                is_in_table = True
            elif is_in_table and line.startswith("|--"):
                continue
            elif is_in_table and line.startswith("|"):
                _what, *figures, sources = line.strip("|").split("|")
                figure = " | ".join(map(str.strip, figures))
                name = str(page.relative_to(ROOT))
                yield Claim(name, figure, tuple(_CODE.findall(sources)))
            else:
                is_in_table = False


CLAIMS = list(_claims())


def _values(source: str) -> list[str | float]:
    """Return the values of keys; of several files, such as shares of a run, the sum."""
    file, _, keys = source.partition(" ")
    return [value for key in keys.split(" + ") for value in _value(file, key)]


def _value(file: str, key: str) -> list[str | float]:
    found = []
    for path in sorted(RESULTS.iterdir()):
        if fnmatch.fnmatch(path.name, file):
            figures = dict(flatten(json.loads(path.read_text("utf-8"))))
            assert key in figures, f"{path.name} has no key {key!r}"
            found.append(figures[key])
    assert found, f"no file {file}"
    if len(found) > 1:
        return [sum(float(str(value)) for value in found)]
    return [value if isinstance(value, int | float) else str(value) for value in found]


def _is(shown: str, value: str | float) -> bool:
    """Return whether a printed number is this value, rounded as printed, or its reciprocal."""
    bare = shown.replace(",", "")
    if isinstance(value, str):
        return shown in value
    places = len(bare.partition(".")[2])
    ways = [value, 1 / value] if isinstance(value, float) and value else [value]
    return any(f"{each:.{places}f}" == bare for each in ways)


def test_the_readme_and_the_benchmarks_quote_figures() -> None:
    assert {claim.page for claim in CLAIMS} >= {"README.md", "docs/benchmarks.md"}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.page}: {claim.figure[:40]}")
def test_a_quoted_figure_is_in_its_file(claim: Claim) -> None:
    values = [value for source in claim.sources for value in _values(source)]
    shown = _NUMBER.findall(claim.figure)
    assert shown
    assert [number for number in shown if not any(_is(number, value) for value in values)] == []


def test_a_wrong_figure_is_noticed() -> None:
    assert _is("0.63", 0.633)
    assert _is("130", 0.007696)
    assert not _is("0.64", 0.633)
    assert not _is("200", 20)


def test_the_page_of_results_says_at_which_commit_each_file_was_measured() -> None:
    shown = results.page()
    for path in RESULTS.glob("*.json"):
        assert f"## {path.name}\n\nMeasured at commit" in shown or (
            f"## {path.name}\n\nStored by commit" in shown
        )
        assert all(each in shown for each in _commits(json.loads(path.read_text("utf-8"))))


def _commits(found: dict[str, object]) -> Iterator[str]:
    for key, value in found.items():
        if key == "commit":
            yield str(value)
        elif isinstance(value, dict):
            yield from _commits(value)
