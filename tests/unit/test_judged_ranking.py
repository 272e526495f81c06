"""Quotes under the invented threads of the judged set; see docs/top-comments.md.

The kept half is measured by `python -m bench.judged`; this test only prevents regressions.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.support.judged import Half, invented_threads, later_threads
from tests.support.judging import Scores, as_the_product, score, the_first, the_longest

pytestmark = pytest.mark.slow

THREADS = invented_threads()


@cache
def ours(half: Half) -> Scores:
    return score([each for each in THREADS if each.half is half], as_the_product)


@pytest.mark.parametrize("half", Half)
def test_unprintable_comments_are_never_printed(half: Half) -> None:
    assert ours(half).quotes > 0
    assert ours(half).never == 0


def test_a_good_comment_is_usually_first() -> None:
    assert ours(Half.TUNE).good.at_1 >= 0.6
    assert ours(Half.TUNE).good_or_ok.at_1 >= 0.85


def test_no_comment_is_quoted_if_none_is_worth_it() -> None:
    scores = ours(Half.TUNE)
    assert scores.hopeless_silent == scores.hopeless > 0
    assert scores.good_silent == 0


def test_the_first_comment_is_a_worse_choice() -> None:
    first = score([each for each in THREADS if each.half is Half.TUNE], the_first)
    assert first.good.at_1 < ours(Half.TUNE).good.at_1


def test_the_longest_comment_is_not_a_safe_choice() -> None:
    assert score(THREADS, the_longest).never > 0


def test_results_on_the_kept_half_do_not_get_worse() -> None:
    kept = ours(Half.KEPT)
    assert kept.good.at_1 >= 0.6
    assert kept.good_or_ok.at_1 >= 0.85
    assert kept.hopeless_silent == kept.hopeless
    assert kept.weak == kept.good_silent == 0


@pytest.mark.parametrize("half", Half)
def test_results_on_the_second_set_do_not_get_worse(half: Half) -> None:
    threads = [each for each in later_threads() if each.half is half]
    chosen = score(threads, as_the_product)
    peers = [score(threads, choose) for choose in (the_first, the_longest)]
    assert (chosen.never, chosen.good_silent) == (0, 0)
    assert chosen.good.at_1 >= 0.6
    assert chosen.good_or_ok.at_1 >= 0.85
    assert chosen.precision.at_1 > max(peer.precision.at_1 for peer in peers)
