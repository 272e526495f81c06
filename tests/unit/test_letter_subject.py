"""The lines an inbox shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.letter.subject import write_preheader, write_subject
from tests.samples import plan_for_all, sample_edition, sample_letter, sample_story


@pytest.mark.parametrize(
    ("title", "count", "subject"),
    [
        ("The ferry towns", 8, "The ferry towns, and 7 more"),
        ("The ferry towns", 1, "The ferry towns"),
        ("Who guards the meter?", 3, "Who guards the meter? And 2 more"),
        ("“Who guards the meter?”", 3, "“Who guards the meter?” And 2 more"),
        ("The ‘quiet’ towns’ brigade", 2, "The ‘quiet’ towns’ brigade, and 1 more"),
    ],
)
def test_subject_is_the_title_and_how_many_follow(title: str, count: int, subject: str) -> None:
    assert write_subject(sample_story(title=title), count, "en") == subject


def test_a_title_that_leaves_no_room_stands_alone_and_whole() -> None:
    title = "A harbour exercise, and the seventeen minutes nobody could explain"
    assert write_subject(sample_story(title=title), 8, "en") == title


@pytest.mark.parametrize(
    ("excerpt", "title"),
    [("A district boiler, a sawmill.", "A district boiler, a sawmill."), ("", "lantern.example")],
)
def test_a_post_without_a_title_is_named_by_what_it_has(excerpt: str, title: str) -> None:
    story = sample_story(title=" \u200b", excerpt=excerpt)
    assert write_subject(story, 1, "en") == title
    findings = sample_letter(sample_edition(stories=(story,))).findings
    assert not any(finding.is_error for finding in findings)


def test_a_title_over_150_characters_is_cut_between_words() -> None:
    subject = write_subject(sample_story(title="seventeen " * 20), 8, "en")
    assert subject == " ".join(["seventeen"] * 15) + "…"


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
    subject = write_subject(stories[0], len(stories), "en")
    preheader = write_preheader(stories, sample_edition(), subject, "en")
    assert 0 < len(preheader) <= 110
    assert preheader != subject


def test_a_short_preheader_is_filled_with_the_first_excerpt() -> None:
    story = sample_story(title="One", excerpt="A district boiler, a sawmill and eighty households.")
    assert write_preheader((story,), sample_edition(), "One", "en") == story.excerpt
