"""Quotes under all threads of the judged set, including the real ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.support.judged import Half, JudgedThread
from tests.support.judged_real import judged_threads
from tests.support.judging import (
    GOOD,
    Scores,
    as_the_product,
    at_random,
    precision_at_random,
    score,
    the_first,
    the_longest,
)

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of threads is not here")


@cache
def threads_of(half: Half) -> tuple[JudgedThread, ...]:
    return tuple(each for each in judged_threads(CORPUS) if each.half is half)


@cache
def scores_of(half: Half) -> Scores:
    return score(threads_of(half), as_the_product)


def test_unprintable_comments_are_never_printed() -> None:
    assert any(thread.is_real for thread in threads_of(Half.TUNE))
    assert scores_of(Half.TUNE).never == 0


def test_unprintable_comments_are_never_printed_in_the_kept_half() -> None:
    assert scores_of(Half.KEPT).never == 0


def test_a_good_comment_is_usually_first() -> None:
    scores = scores_of(Half.TUNE)
    assert scores.good.at_1 >= 0.6
    assert scores.good_or_ok.at_1 >= 0.85


def test_neither_the_first_nor_a_random_comment_is_a_better_choice() -> None:
    ours = scores_of(Half.TUNE).good.at_1
    assert ours > score(threads_of(Half.TUNE), the_first).good.at_1
    assert ours > at_random(threads_of(Half.TUNE), GOOD)


@pytest.mark.parametrize("half", Half)
def test_quotes_are_good_more_often_than_any_plain_choice(half: Half) -> None:
    ours, threads = scores_of(half).precision, threads_of(half)
    for choose in (the_first, the_longest):
        plain = score(threads, choose).precision
        assert ours.at_1 > plain.at_1
        assert ours.at_2 > plain.at_2
    assert min(ours.at_1, ours.at_2) > precision_at_random(threads)


def test_no_comment_is_quoted_if_none_is_worth_it() -> None:
    scores = scores_of(Half.TUNE)
    assert scores.hopeless_silent >= scores.hopeless - 1
    assert scores.good_silent == 0


def test_results_on_the_kept_half_do_not_get_worse() -> None:
    kept = scores_of(Half.KEPT)
    assert kept.never == 0
    assert kept.good.at_1 >= 0.6
    assert kept.good_or_ok.at_1 >= 0.85
    assert kept.hopeless_silent == kept.hopeless
    assert kept.good_silent == 0
