"""Quotes under the judged real threads; `make judged` prints all figures."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bench.judged import SETS, is_refused, labelled_texts, real_sets
from tests.support.judging import (
    Choice,
    Tally,
    as_the_product,
    rate,
    tallies,
    the_first,
    the_longest,
)

pytestmark = pytest.mark.skipif(
    not Path(SETS / "corpus").is_dir(), reason="the corpus of threads is not here"
)


@cache
def ours() -> tuple[Tally, ...]:
    return tuple(
        each for threads in real_sets().values() for each in tallies(threads, as_the_product)
    )


def test_the_choice_does_not_get_worse() -> None:
    """Each figure may lose one or two threads, not more."""
    shares = {name: rate(ours(), name, 20).share for name in ours()[0]}
    assert shares["never"] <= 0.02
    assert shares["silent"] >= 0.7
    assert shares["innocent refused"] <= 0.15
    assert shares["good-or-ok@1"] >= 0.75
    assert shares["good@1"] >= 0.6


@pytest.mark.parametrize("choose", [the_first, the_longest])
def test_no_plain_choice_is_better(choose: Choice) -> None:
    counts = [each for threads in real_sets().values() for each in tallies(threads, choose)]
    assert rate(ours(), "good@1", 20).share > rate(counts, "good@1", 20).share
    assert rate(ours(), "never", 20).share < rate(counts, "never", 20).share


def test_few_civil_comments_are_refused_and_more_rude_ones() -> None:
    shares = {
        name: sum(is_refused(text, name[:2]) for text in texts) / len(texts)
        for name, texts in labelled_texts(SETS / "labelled" / "measure-only").items()
    }
    if not shares:
        pytest.skip("the labelled comments are not here")
    assert shares["en healthy"] <= 0.08
    assert shares["de not toxic"] <= 0.1
    assert min(shares["en hostile"], shares["de toxic"]) >= 0.19
