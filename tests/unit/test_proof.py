"""The parts of `make proof` are complete, and what is done is not done again."""

from __future__ import annotations

import re

import pytest

from bench.__main__ import MEASURES
from bench.proof import PARTS, REST, SHARES, Part, is_done
from bench.wire.parts import PARTS as WIRE
from tests.support.figures import share
from tests.support.snippets import ROOT


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS.keys())
def test_a_part_names_what_exists(part: Part) -> None:
    files = [word.partition("::")[0] for word in part.arguments if word.startswith("tests/")]
    assert all((ROOT / file).exists() for file in files)
    tests = [word.partition("::")[2].partition("[")[0] for word in part.arguments if "::" in word]
    for file, test in zip(files, filter(None, tests), strict=False):
        assert re.search(rf"\b{test}\b", (ROOT / file).read_text("utf-8"))


def test_every_benchmark_is_a_part() -> None:
    assert {f"bench-{name}" for name in MEASURES} <= PARTS.keys()
    assert {f"wire-{name}" for name in WIRE} <= PARTS.keys()


def test_a_test_that_no_part_names_is_in_the_rest() -> None:
    ignored = [word.removeprefix("--ignore=") for word in REST.arguments if "--ignore" in word]
    named = {
        word.partition("::")[0]
        for part in PARTS.values()
        if part is not REST and part.is_test
        for word in part.arguments
        if word.startswith("tests/")
    }
    assert sorted(ignored) == sorted(named)


def test_shares_make_the_whole_loop() -> None:
    assert list(share(range(7))) == list(range(7))
    numbers = [part.share for part in PARTS.values() if part.name.startswith("ledger-")]
    assert [f"{n}/{SHARES}" for n in range(1, SHARES + 1)] == [each for each in numbers if each]


def test_a_part_that_never_ran_is_not_done() -> None:
    assert not is_done(Part("never", "nothing", ()))
