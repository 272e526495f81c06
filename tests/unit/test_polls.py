"""Which poll an edition asks, which answers it prints, and how they are counted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.composer.poll import MIN_ANSWERS, choose_poll, choose_results, repeated_in
from digest.composer.snapshot import content_hash, edition_from_json, edition_to_json, keep_text
from digest.models import AskedPoll, Poll, PollResults
from digest.text.percents import percent_text
from tests.support.samples import sample_edition

QUESTION = "Should the library stay open until midnight?"
ASKED = Poll(question=QUESTION, choices=("I agree", "I disagree"))


def results(*counts: int) -> PollResults:
    labels = tuple(f"Answer {number}" for number, _ in enumerate(counts, 1))
    return PollResults(edition_id=7, question=QUESTION, choices=labels, counts=counts)


def last(*counts: int, is_newest: bool = True) -> AskedPoll:
    return AskedPoll(results=results(*counts), is_newest=is_newest)


@pytest.mark.parametrize(
    ("counts", "percents"),
    [
        ((255, 157), (62, 38)),
        ((1, 1, 1), (34, 33, 33)),
        ((2, 1), (67, 33)),
        ((1, 2), (33, 67)),
        ((0, 5), (0, 100)),
        ((0, 0), (0, 0)),
        ((1, 999), (0, 100)),
        ((1, 1, 1, 1, 2), (17, 17, 17, 16, 33)),
    ],
)
def test_percentages_are_whole_and_add_up(
    counts: tuple[int, ...], percents: tuple[int, ...]
) -> None:
    assert results(*counts).percents == percents


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=5))
def test_percentages_of_any_answers_add_up_and_are_less_than_one_off(counts: list[int]) -> None:
    found = results(*counts)
    assert sum(found.percents) == (100 if found.total else 0)
    for count, percent in zip(counts, found.percents, strict=True):
        assert found.total == 0 or abs(percent - 100 * count / found.total) < 1


def test_a_question_is_asked_once_until_it_changes() -> None:
    assert choose_poll(ASKED, None) == ASKED
    assert choose_poll(ASKED, last(0, 0)) is None
    assert choose_poll(ASKED, last(9, 9, is_newest=False)) is None
    other = replace(ASKED, question="Is it Tuesday?")
    assert choose_poll(other, last(0, 0)) == other
    assert choose_poll(None, last(0, 0)) is None


@pytest.mark.parametrize(
    ("question", "is_same"),
    [
        (f"  {QUESTION.upper()} ", True),
        (QUESTION.replace(" ", "\u00a0"), True),
        (QUESTION.replace("midnight", "one"), False),
        ("", False),
    ],
)
def test_letter_case_and_spaces_do_not_make_a_question_new(question: str, *, is_same: bool) -> None:
    poll = Poll(question=question, choices=("A", "B"))
    assert repeated_in(poll, last(1, 1)) == (7 if is_same else None)


def test_answers_are_printed_once_and_only_if_they_hide_each_other() -> None:
    assert choose_results(None) is None
    assert choose_results(last(MIN_ANSWERS - 1, 0)) is None
    assert choose_results(last(MIN_ANSWERS, 0)) == results(MIN_ANSWERS, 0)
    assert choose_results(last(9, 9, is_newest=False)) is None


def test_an_edition_without_results_is_stored_as_before_there_were_any() -> None:
    text = edition_to_json(sample_edition())
    assert "poll_results" not in json.loads(text)
    assert edition_from_json(text) == sample_edition()


def test_results_are_part_of_the_stored_edition_and_of_its_hash() -> None:
    plain = sample_edition()
    with_results = replace(plain, poll_results=results(2, 3))
    text = edition_to_json(with_results)
    assert edition_from_json(text) == with_results
    assert content_hash(text) != content_hash(edition_to_json(plain))
    one_more = replace(plain, poll_results=results(2, 4))
    assert keep_text(with_results, text) == text
    assert keep_text(one_more, text) != text


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "62%"), ("de", "62\u00a0%"), ("fr-CA", "62\u00a0%"), ("ar", "62%"), ("x", "62%")],
)
def test_a_percentage_is_printed_as_its_language_does(language: str, shown: str) -> None:
    assert percent_text(62, language) == shown
