"""Which posts are in an edition, in which order, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.composer.selection.select import Selection, SeqWindow, select
from digest.models import AlsoAt, Candidate, Choice
from tests.support.composing import DUE, a_candidate, the_issue, the_rules

TEXT = (
    "<p>The harbour board met on Tuesday to settle the boundary of the fishing ground, which a"
    " young surveyor had drawn with brass pins and a lead line.</p>"
)
OTHER = (
    "<p>Volunteer rescue teams asked for one thing: handsets they can repair outdoors with a"
    " pocket screwdriver, during winter storms, wearing gloves.</p>"
)
GAZETTE: dict[str, Any] = {"feed_url": "https://gazette.example/feed", "feed_title": "Gazette"}


def chosen(
    *candidates: Candidate,
    issue: dict[str, Any] | None = None,
    choices: dict[int, Choice] | None = None,
    **rules: Any,
) -> Selection:
    return select(the_rules(**rules), candidates, the_issue(**(issue or {})), choices or {})


def order(selection: Selection) -> list[int]:
    return [each.pick.candidate.post.id for each in selection.picks]


def omitted(selection: Selection) -> dict[int, str]:
    return {each.post_id: each.reason.code for each in selection.omitted}


@pytest.mark.parametrize(("seq", "is_new"), [(10, False), (11, True), (20, True), (21, False)])
def test_a_window_is_open_below_and_closed_above(seq: int, is_new: bool) -> None:
    assert (seq in SeqWindow(since_seq=10, cut_seq=20)) is is_new


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
def test_unprintable_posts_are_omitted_with_their_reason(
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


def test_reasons_are_written_for_an_editor() -> None:
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


def test_stories_beyond_the_cap_stay_with_a_reason() -> None:
    selection = chosen(*(a_candidate(id=n) for n in range(1, 5)), max_posts_per_category=3)
    assert order(selection) == [1, 2, 3, 4]
    last = selection.picks[-1].reason
    assert last.code == "beyond-cap"
    assert "number 4 in Security, may be a title alone or under “and N more”" in last.text


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


def test_sections_are_in_the_order_of_the_newsletter() -> None:
    selection = chosen(a_candidate(id=1, categories=("Sport", "Economy", "Security")))
    assert selection.picks[0].pick.categories == ("Security", "Economy")


def test_the_same_story_from_two_feeds_is_printed_once_under_both_sections() -> None:
    selection = chosen(
        a_candidate(id=1, title="The boys’ line", content_html=TEXT),
        a_candidate(
            id=2,
            title="The Boys' Line",
            content_html=TEXT,
            categories=("Economy",),
            **GAZETTE,
        ),
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
        a_candidate(id=1, title="The board draws a line"),
        a_candidate(
            id=2,
            title="The board draws a line",
            published_at=DUE - timedelta(days=days + 1),
            **GAZETTE,
        ),
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


def test_ages_count_from_the_newest_post_if_the_slot_is_days_away() -> None:
    early = {"due_at": DUE + timedelta(days=7)}
    selection = chosen(
        a_candidate(id=1, published_at=DUE - timedelta(days=5)), a_candidate(id=2), issue=early
    )
    assert order(selection) == [2, 1]
    assert selection.picks[0].reason.text == "new in Security, of today"


# --- told by several feeds ----------------------------------------------------------------------


def twins(**changes: Any) -> tuple[Candidate, Candidate]:
    """Return one story in two feeds, the second with its own changes."""
    one = {"title": "The board draws a line", "content_html": TEXT}
    first = a_candidate(id=1, **one)
    return first, a_candidate(**({"id": 2, **one, **GAZETTE} | changes))


def lead(*candidates: Candidate, **known: Any) -> tuple[int, str]:
    pick = chosen(*candidates, **known).picks[0].pick
    return pick.candidate.post.id, pick.why_lead


def test_the_first_known_version_represents_the_others() -> None:
    second = twins(url="https://gazette.example/2")[1]
    first = a_candidate(id=1, title=second.post.title, content_html=TEXT, url="https://a.example/")
    selection = chosen(first, second)
    assert order(selection) == [1]
    assert selection.picks[0].pick.also_at == (
        AlsoAt(post_id=2, name="Gazette", url="https://gazette.example/2"),
    )
    assert "stands for others that tell the same: it came first" in selection.picks[0].reason.text
    assert "the same story as post 1" in selection.omitted[0].reason.text


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"url": "https://own.example/2"}, "is on the newsletter's own site"),
        ({"feed_comment_count": 3, "has_all_comments": False}, "has the most comments"),
        ({"content_html": TEXT * 6}, "has the full text"),
    ],
)
def test_the_better_version_leads_with_its_reason(changes: dict[str, Any], why: str) -> None:
    assert lead(*twins(**changes), home_url="https://www.own.example/") == (2, why)


def test_a_pinned_version_leads_before_all() -> None:
    pinned = {2: Choice(pinned=1)}
    assert lead(*twins(), choices=pinned) == (2, "was pinned by an editor")


def test_comments_of_the_others_are_not_counted() -> None:
    first, second = twins(feed_comment_count=3, has_all_comments=False)
    third = a_candidate(
        id=3, title="The board draws a line", content_html=TEXT, feed_comment_count=2,
        has_all_comments=False, feed_url="https://third.example/feed",
    )  # fmt: skip
    assert chosen(first, second, third).picks[0].pick.comment_count == 3


def test_a_story_counts_from_its_newest_post_so_that_no_window_loses_it() -> None:
    assert chosen(*twins()).picks[0].pick.seq == 2


def test_stories_are_not_put_together_across_the_last_edition() -> None:
    selection = chosen(*twins(), issue={"last_cut_seq": 1})
    assert sorted(order(selection)) == [1, 2]


# --- the editor ---------------------------------------------------------------------------------


def test_pins_come_first_in_their_order_with_their_reason() -> None:
    loud = a_candidate(id=1, feed_comment_count=90, has_all_comments=False)
    choices = {3: Choice(pinned=1), 2: Choice(pinned=2)}
    selection = chosen(loud, a_candidate(id=2), a_candidate(id=3), choices=choices)
    assert order(selection) == [3, 2, 1]
    assert selection.picks[0].reason.code == "pinned"
    assert selection.picks[0].reason.text.startswith("pinned by an editor; new in Security")


def test_a_pin_of_an_earlier_edition_does_not_lead_the_next() -> None:
    choices = {1: Choice(pinned=1)}
    selection = chosen(
        a_candidate(id=1),
        a_candidate(id=2, feed_comment_count=5, has_all_comments=False),
        issue={"last_cut_seq": 1},
        choices=choices,
    )
    assert order(selection) == [2, 1]


@pytest.mark.parametrize(
    ("choice", "code", "words"),
    [
        (Choice(is_dropped=True), "dropped", "dropped by an editor"),
        (Choice(skips="weekly/2026-11-23T12:00"), "next-time", "kept for next time by an editor"),
    ],
)
def test_posts_dropped_by_an_editor_are_omitted_with_their_reason(
    choice: Choice, code: str, words: str
) -> None:
    selection = chosen(a_candidate(id=1), a_candidate(id=2), choices={1: choice})
    assert (order(selection), omitted(selection)) == ([2], {1: code})
    assert selection.omitted[0].reason.text == words


@pytest.mark.parametrize(
    ("skips", "issue"),
    [
        ("weekly/2026-11-16T12:00", {}),
        ("monthly/2026-11-23T12:00", {}),
        ("weekly/2026-11-23T12:00", {"last_cut_seq": 1}),
    ],
)
def test_keeping_for_next_time_applies_to_new_posts_of_one_edition(
    skips: str, issue: dict[str, Any]
) -> None:
    selection = chosen(
        a_candidate(id=1), a_candidate(id=2), issue=issue, choices={1: Choice(skips=skips)}
    )
    assert sorted(order(selection)) == [1, 2]


def test_a_dropped_version_leaves_the_story_to_another() -> None:
    selection = chosen(*twins(), choices={1: Choice(is_dropped=True)})
    assert (order(selection), omitted(selection)) == ([2], {1: "dropped"})


# --- caps of authors and feeds --------------------------------------------------------------------


def by(number: int, author: str, **changes: Any) -> Candidate:
    return a_candidate(
        id=number, author=author, feed_comment_count=50 - number, has_all_comments=False, **changes
    )


def test_more_of_one_author_comes_after_the_others_with_a_reason() -> None:
    posts = [by(1, "Odile"), by(2, "odile "), by(3, "Odile"), by(4, "Ruth"), by(5, "")]
    selection = chosen(*posts, max_posts_per_author=2)
    assert order(selection) == [1, 2, 4, 5, 3]
    last = selection.picks[-1].reason
    assert last.code == "beyond-source-cap"
    assert last.text.endswith("behind others: enough of Odile in Security")


def test_more_of_one_feed_comes_after_the_others() -> None:
    posts = [by(1, "A"), by(2, "B"), by(3, "C", **GAZETTE)]
    selection = chosen(*posts, max_posts_per_feed=1)
    assert order(selection) == [1, 3, 2]
    assert "enough of The Lantern in Security" in selection.picks[-1].reason.text


def test_a_cap_counts_each_section_separately() -> None:
    posts = [by(1, "Odile"), by(2, "Odile", categories=("Economy",)), by(3, "Ruth")]
    assert order(chosen(*posts, max_posts_per_author=1)) == [1, 2, 3]


def test_pins_count_for_a_cap_and_are_never_moved_by_it() -> None:
    posts = [by(1, "Odile"), by(2, "Odile"), by(3, "Odile"), by(4, "Ruth")]
    choices = {2: Choice(pinned=1), 3: Choice(pinned=2)}
    assert order(chosen(*posts, choices=choices, max_posts_per_author=1)) == [2, 3, 4, 1]


def test_beyond_a_week_ties_go_to_the_newer_post() -> None:
    ages = {1: 900, 2: 30, 3: 8, 4: 300}
    old = [
        a_candidate(
            id=id_, seq=id_, title=f"Log {'x' * id_}", published_at=DUE - timedelta(days=days)
        )
        for id_, days in ages.items()
    ]
    assert order(chosen(*old)) == [3, 2, 4, 1]
    other = [
        a_candidate(
            **GAZETTE,
            id=id_ + 10,
            seq=id_ + 10,
            title=f"Gazette {'y' * id_}",
            published_at=DUE - timedelta(days=days + 1),
        )
        for id_, days in ages.items()
    ]
    assert order(chosen(*old, *other)) == [3, 13, 2, 12, 4, 14, 1, 11]
