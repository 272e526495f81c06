"""The lines that an inbox shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.letter.plain import shorten
from digest.letter.planning.subject import InboxLines, write_lines, write_preheader, write_subject
from tests.support.samples import plan_for_all, sample_edition, sample_letter, sample_story

LONG = "A harbour exercise, and the seventeen minutes nobody could explain"


def subject_of(number: int, *titles: str) -> str:
    top, *others = (sample_story(title=title) for title in titles)
    return write_subject(top, others, number, "en")


@pytest.mark.parametrize(
    ("number", "titles", "subject"),
    [
        (1, ["The ferry towns", "A", "B"], "The ferry towns · and 2 more"),
        (4, ["Who guards the meter?", "A"], "Who guards the meter? · and 1 more"),
        (1, [LONG, "A"], f"{LONG} · and 1 more"),
        (2, ["The ferry towns", "Cheaper radios", "B"], "The ferry towns · Cheaper radios"),
        (2, ["The ferry towns", LONG], "The ferry towns"),
        (3, ["The ferry towns", "A", "B"], "The ferry towns"),
        (1, ["The ferry towns"], "The ferry towns"),
    ],
)
def test_the_number_of_the_edition_chooses_the_form_of_the_subject(
    number: int, titles: list[str], subject: str
) -> None:
    assert subject_of(number, *titles) == subject


@given(st.lists(st.integers(1, 200), min_size=3, max_size=12), st.integers(1, 50))
def test_three_editions_in_a_row_never_have_the_same_form(sizes: list[int], first: int) -> None:
    forms = []
    for number, size in enumerate(sizes, first):
        subject = subject_of(number, "t" * size, "other")
        forms.append("count" if subject.endswith("more") else len(subject.split(" · ")))
    assert all(len(set(forms[at : at + 3])) > 1 for at in range(len(forms) - 2))


def test_a_long_title_with_our_count_is_no_reason_for_a_warning() -> None:
    title = "The ferry towns that learned to share one fire brigade"
    top, *others = sample_edition(number=1).stories
    edition = sample_edition(number=1, stories=(replace(top, title=title), *others))
    letter = sample_letter(edition)
    assert len(letter.subject) > 60
    assert not [finding for finding in letter.findings if finding.rule == "E12"]


@pytest.mark.parametrize(
    ("excerpt", "title"),
    [("A district boiler, a sawmill.", "A district boiler, a sawmill."), ("", "lantern.example")],
)
def test_a_post_without_a_title_is_named_by_its_first_words(excerpt: str, title: str) -> None:
    story = sample_story(title=" \u200b", excerpt=excerpt)
    assert write_subject(story, [], 1, "en") == title
    findings = sample_letter(sample_edition(stories=(story,))).findings
    assert not any(finding.is_error for finding in findings)


def test_a_title_over_150_characters_is_cut_between_words() -> None:
    long = "seventeen " * 20
    assert subject_of(3, long, "A") == " ".join(["seventeen"] * 15) + "…"
    assert subject_of(1, long, "A") == " ".join(["seventeen"] * 13) + "… · and 1 more"


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("One two. Three four", "One two…"),
        ("One two? Three four", "One two?"),
        ("Eleven · “Three four", "Eleven…"),
        ("りん ご。" + "港の話" * 9, "りん ご。港の話港の話港…"),
        ("👨‍👩‍👧‍👦" * 9, "👨‍👩‍👧‍👦…"),
    ],
)
def test_a_cut_line_ends_on_no_loose_mark_and_on_no_half_character(text: str, cut: str) -> None:
    assert shorten(text, 13) == cut


def test_preheader_names_the_titles_after_the_first() -> None:
    variant = plan_for_all(sample_edition())
    assert variant.preheader.startswith("Who guards the water meter? · A harbour exercise")


@given(
    st.lists(st.text(alphabet="abc déf“”", min_size=1, max_size=200), min_size=1, max_size=5),
    st.text(alphabet="xyz ", max_size=300),
)
def test_preheader_has_its_length_and_is_not_the_subject(titles: list[str], excerpt: str) -> None:
    stories = tuple(
        sample_story(i, title=f"T {title}", excerpt=excerpt) for i, title in enumerate(titles, 1)
    )
    subject = write_subject(stories[0], stories[1:], 112, "en")
    preheader = write_preheader(stories, sample_edition(), subject, "en")
    assert 0 < len(preheader) <= 110
    assert preheader != subject


def test_a_short_preheader_is_filled_with_the_first_excerpt() -> None:
    story = sample_story(title="One", excerpt="A district boiler, a sawmill and eighty households.")
    assert write_preheader((story,), sample_edition(), "One", "en") == story.excerpt


def test_words_of_an_untitled_post_are_not_repeated() -> None:
    words = "A district boiler, a sawmill and eighty households have one thing in common: heat."
    story = sample_story(title="", excerpt=words)
    lines = write_lines((story,), sample_edition(stories=(story,)), "en")
    assert lines.subject.startswith("A district boiler")
    assert "boiler" not in lines.preheader


# --- never last week's lines, and an editor's ---------------------------------------------------


def lines(count: int = 4, **known: Any) -> InboxLines:
    stories = tuple(sample_story(number) for number in range(1, count + 1))
    return write_lines(stories, sample_edition(stories=stories, **known), "en")


def test_the_last_subject_is_not_used_again() -> None:
    again = lines(last_subject="Story number 1 · and 3 more")
    assert again.subject == "Story number 2 · and 3 more"
    assert again.preheader.startswith("Story number 1 · Story number 3")


def test_a_single_story_with_the_last_title_gets_its_number() -> None:
    assert lines(1, last_subject="Story number 1").subject == "Story number 1 · No. 112"


def test_the_last_preheader_is_not_used_again() -> None:
    first = lines().preheader
    assert first.startswith("Story number 2 · ")
    assert lines(last_preheader=first).preheader.startswith("Story number 3 · ")


def test_a_single_story_does_not_repeat_the_last_preheader() -> None:
    first = lines(1).preheader
    assert lines(1, last_preheader=first).preheader == "The Lantern Weekly, No. 112"


def test_typed_lines_are_used_if_their_lead_is_shown() -> None:
    typed: dict[str, Any] = {
        "subject": "The line in the water",
        "preheader": "And who drew it",
        "typed_for": 1,
    }
    assert lines(**typed) == InboxLines(
        subject="The line in the water", preheader="And who drew it"
    )
    assert lines(**(typed | {"typed_for": 2})) == lines()


def test_one_typed_line_leaves_the_other_to_the_rule() -> None:
    typed = lines(subject="The line in the water", typed_for=1)
    assert typed == InboxLines(subject="The line in the water", preheader=lines().preheader)
    assert lines(preheader="And who drew it", typed_for=1).subject == lines().subject


def test_a_typed_preheader_equal_to_the_subject_is_not_used() -> None:
    typed = lines(subject="The line", preheader="The line", typed_for=1)
    assert typed.preheader == lines().preheader


def test_variants_with_another_lead_have_lines_by_rule() -> None:
    edition = sample_edition(subject="Typed", preheader="By hand", typed_for=7)
    assert plan_for_all(edition).subject != "Typed"
    top = edition.stories[0].post_id
    typed = plan_for_all(sample_edition(subject="Typed", preheader="By hand", typed_for=top))
    assert (typed.subject, typed.preheader) == ("Typed", "By hand")


@given(
    titles=st.lists(st.text(max_size=40), min_size=1, max_size=6),
    last=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    title=st.text(min_size=1, max_size=40),
)
def test_no_line_repeats_the_last_one_or_the_other(
    titles: list[str], last: tuple[int, int], title: str
) -> None:
    stories = tuple(sample_story(i, title=words) for i, words in enumerate(titles, 1))
    before = [
        write_lines(stories[number % len(stories) :], sample_edition(title=title), "en")
        for number in last
    ]
    edition = sample_edition(
        title=title, last_subject=before[0].subject, last_preheader=before[1].preheader
    )
    found = write_lines(stories, edition, "en")
    assert found.subject != edition.last_subject
    assert found.preheader not in (found.subject, edition.last_preheader)
    assert 0 < len(found.subject) <= 150
    assert 0 < len(found.preheader) <= 110
