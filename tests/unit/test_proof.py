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
    left_out = [word.removeprefix("--deselect=") for word in REST.arguments if "--" in word]
    assert left_out == list(dict.fromkeys(named_tests()))


def test_a_test_file_that_does_more_under_the_proof_is_in_a_part() -> None:
    whole = [ROOT / name for name in named_tests() if "::" not in name and name != "tests/unit"]
    longer = re.compile(r"(?m)^from \S+figures import .*\b(IS_PROOF|sample|combined|examples)\b")
    for file in (ROOT / "tests").rglob("test_*.py"):
        text = file.read_text("utf-8")
        if longer.search(text) and not any(file.is_relative_to(each) for each in whole):
            assert re.search(r"mark\.proof\b|\bhypothesis\b", text), (
                f"{file}: no test marked `proof`"
            )


def test_shares_make_the_whole_loop() -> None:
    assert list(share(range(7))) == list(range(7))
    numbers = [part.share for part in PARTS.values() if part.name.startswith("ledger-")]
    assert [f"{n}/{SHARES}" for n in range(1, SHARES + 1)] == [each for each in numbers if each]


def test_a_part_that_never_ran_is_not_done() -> None:
    assert not is_done(Part("never", "nothing", ()))


def named_tests() -> list[str]:
    """Return the folders, files and tests that parts name, without those of the rest."""
    parts = [part for part in PARTS.values() if part is not REST]
    return [word for part in parts for word in part.arguments if word.startswith("tests/")]
