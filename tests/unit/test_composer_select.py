"""Which posts are in an edition, in which order, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.composer.select import Selection, select
from digest.composer.window import Window
from digest.models import Candidate
from tests.composing import DUE, a_candidate, the_issue, the_rules

TEXT = (
    "<p>The harbour board met on Tuesday to settle the boundary of the fishing ground, which a"
    " young surveyor had drawn with brass pins and a lead line.</p>"
)
OTHER = (
    "<p>Volunteer rescue teams asked for one thing: handsets they can repair outdoors with a"
    " pocket screwdriver, during winter storms, wearing gloves.</p>"
)


def chosen(*candidates: Candidate, issue: dict[str, Any] | None = None, **rules: Any) -> Selection:
    return select(the_rules(**rules), candidates, the_issue(**(issue or {})))


def order(selection: Selection) -> list[int]:
    return [each.pick.candidate.post.id for each in selection.picks]


def omitted(selection: Selection) -> dict[int, str]:
    return {each.post_id: each.reason.code for each in selection.omitted}


@pytest.mark.parametrize(("seq", "is_new"), [(10, False), (11, True), (20, True), (21, False)])
def test_a_window_is_open_below_and_closed_above(seq: int, is_new: bool) -> None:
    assert (seq in Window(since_seq=10, cut_seq=20)) is is_new


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "  "}, "no-words"),
        ({"url": ""}, "no-link"),
        ({"categories": ("Sport",)}, "no-section"),
        ({"categories": ()}, "no-section"),
        ({"seq": 5}, "outside-window"),
        ({"seq": 2000}, "outside-window"),
    ],
)
def test_what_cannot_be_printed_is_omitted_with_its_reason(
    changes: dict[str, Any], code: str
) -> None:
    candidate = a_candidate(**({"id": 7, "seq": 10} | changes))
    selection = chosen(candidate, issue={"since_seq": 5})
    assert omitted(selection) == {7: code}
    assert selection.omitted[0].reason.text


def test_a_window_is_cut_by_seq_and_not_by_date() -> None:
    old = a_candidate(id=1, published_at=DUE - timedelta(days=300))
    assert order(chosen(old)) == [1]


def test_the_discussed_come_first_then_the_fresh() -> None:
    selection = chosen(
        a_candidate(id=1, published_at=DUE - timedelta(days=6)),
        a_candidate(id=2, feed_comment_count=34, has_all_comments=False),
        a_candidate(id=3),
    )
    assert order(selection) == [2, 3, 1]


def test_reasons_are_in_an_editor_s_words() -> None:
    selection = chosen(
        a_candidate(id=1, published_at=DUE - timedelta(days=2, hours=3)),
        a_candidate(id=2, feed_comment_count=34, has_all_comments=False),
        a_candidate(id=3, feed_comment_count=9, has_all_comments=False),
        a_candidate(
            id=4,
            published_at=DUE - timedelta(hours=3),
            first_seen_at=DUE - timedelta(hours=2),
            categories=("Economy",),
        ),
    )
    texts = {each.pick.candidate.post.id: each.reason.text for each in selection.picks}
    assert texts == {
        1: "new in Security, 2 days old",
        2: "most discussed of this edition: 34 comments",
        3: "discussed: 9 comments, 1 day old",
        4: "new in Economy, of today",
    }


def test_stories_beyond_the_cap_stay_and_say_so() -> None:
    selection = chosen(*(a_candidate(id=n) for n in range(1, 5)), max_posts_per_category=3)
    assert order(selection) == [1, 2, 3, 4]
    last = selection.picks[-1].reason
    assert last.code == "beyond-cap"
    assert "number 4 in Security, may fall under “and N more”" in last.text


def test_a_story_within_the_cap_of_one_section_is_not_beyond() -> None:
    both = a_candidate(id=9, categories=("Security", "Economy"))
    selection = chosen(a_candidate(id=1), both, max_posts_per_category=1)
    assert {each.reason.code for each in selection.picks} == {"new"}


def test_posts_older_than_the_last_edition_do_not_compete_with_the_new() -> None:
    missed = a_candidate(id=1, feed_comment_count=99, has_all_comments=False)
    new = a_candidate(id=2, feed_comment_count=5, has_all_comments=False)
    selection = chosen(missed, new, issue={"last_cut_seq": 1})
    codes = {each.pick.candidate.post.id: each.reason.code for each in selection.picks}
    assert codes == {1: "missed", 2: "most-discussed"}


def test_no_source_stays_in_front_for_long() -> None:
    loud = [a_candidate(id=n, feed_url="https://loud.example/feed") for n in range(1, 6)]
    quiet = a_candidate(id=9, published_at=DUE - timedelta(days=2))
    assert order(chosen(*loud, quiet)).index(9) < 5


def test_sections_are_in_the_newsletter_s_order() -> None:
    selection = chosen(a_candidate(id=1, categories=("Sport", "Economy", "Security")))
    assert selection.picks[0].pick.categories == ("Security", "Economy")


def test_the_same_story_from_two_feeds_is_printed_once_under_both_sections() -> None:
    selection = chosen(
        a_candidate(id=1, title="The boys’ line", content_html=TEXT),
        a_candidate(id=2, title="The Boys' Line", content_html=TEXT, categories=("Economy",)),
    )
    assert order(selection) == [1]
    assert omitted(selection) == {2: "duplicate"}
    assert selection.picks[0].pick.categories == ("Security", "Economy")


def test_the_name_of_the_site_in_a_title_makes_no_other_story() -> None:
    selection = chosen(
        a_candidate(id=1, title="The line", content_html=TEXT),
        a_candidate(id=2, title="The line | The Lantern", content_html=TEXT),
    )
    assert omitted(selection) == {2: "duplicate"}


def test_a_title_used_again_for_another_text_is_another_story() -> None:
    selection = chosen(
        a_candidate(id=1, title="Open thread", content_html=TEXT),
        a_candidate(id=2, title="Open thread", content_html=OTHER),
    )
    assert order(selection) == [1, 2]


@pytest.mark.parametrize(("days", "stories"), [(1, 1), (6, 2)])
def test_without_a_text_equal_titles_are_one_story_within_two_days(days: int, stories: int) -> None:
    selection = chosen(
        a_candidate(id=1, title="Open thread"),
        a_candidate(id=2, title="Open thread", published_at=DUE - timedelta(days=days + 1)),
    )
    assert len(selection.picks) == stories


@given(st.permutations(range(1, 9)))
def test_the_order_of_the_input_does_not_matter(numbers: list[int]) -> None:
    candidates = {
        n: a_candidate(
            id=n,
            feed_url=f"https://{n % 3}.example/feed",
            feed_comment_count=n % 4,
            has_all_comments=False,
        )
        for n in numbers
    }
    expected = chosen(*(candidates[n] for n in sorted(numbers)))
    assert chosen(*(candidates[n] for n in numbers)) == expected


def test_short_posts_without_a_title_are_stories_of_their_own() -> None:
    selection = chosen(
        a_candidate(id=1, title="", content_html="<p>The bridge is open again.</p>"),
        a_candidate(id=2, title="", content_html="<p>The mill turns.</p>"),
    )
    assert sorted(order(selection)) == [1, 2]
    assert selection.omitted == ()


def test_ages_count_from_the_newest_post_where_the_slot_is_days_away() -> None:
    early = {"due_at": DUE + timedelta(days=7)}
    selection = chosen(
        a_candidate(id=1, published_at=DUE - timedelta(days=5)), a_candidate(id=2), issue=early
    )
    assert order(selection) == [2, 1]
    assert selection.picks[0].reason.text == "new in Security, of today"
