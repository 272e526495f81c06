"""Which stories a subscriber's letter shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.letter.planning.variants import plan_variant
from digest.models import PICKED, Edition, Reason, Story, Variant
from tests.support.samples import plan_for_all, sample_edition, sample_quote, sample_story

QUOTE = "The town bought the engine, and the harbour has lent it out nine times since."


def edition_of(*stories: Story, cap: int = 5) -> Edition:
    return sample_edition(stories=stories, max_posts_per_category=cap)


def ids(stories: tuple[Story, ...]) -> list[int]:
    return [story.post_id for story in stories]


def sections_of(variant: Variant) -> dict[str, list[int]]:
    return {section.name: ids(section.stories) for section in variant.sections}


def test_sections_come_in_the_newsletters_order_without_the_lead() -> None:
    variant = plan_for_all(sample_edition())
    assert variant.lead is not None
    assert variant.lead.post_id == 1
    assert sections_of(variant) == {"Security": [2, 3, 4], "Economy": [5, 6], "Culture": [7, 8]}


def test_a_subscriber_gets_the_chosen_categories_only() -> None:
    variant = plan_variant(sample_edition(), categories=frozenset({"Culture"}), since_seq=0)
    assert variant is not None
    assert sections_of(variant) == {"Culture": [7, 8]}


def test_stories_already_seen_are_left_out() -> None:
    variant = plan_variant(sample_edition(), categories=None, since_seq=106)
    assert variant is not None
    assert variant.count == 2
    assert sections_of(variant) == {"Culture": [7, 8]}


@pytest.mark.parametrize(
    ("categories", "since_seq"),
    [(None, 120), (frozenset(), 0), (frozenset({"Gardening"}), 0)],
)
def test_a_subscriber_without_news_gets_no_variant(
    categories: frozenset[str] | None, since_seq: int
) -> None:
    assert plan_variant(sample_edition(), categories=categories, since_seq=since_seq) is None


def test_a_story_in_two_categories_is_shown_once_in_the_first_taken() -> None:
    both = sample_story(1, categories=("Security", "Culture"))
    edition = edition_of(both, sample_story(2, categories=("Culture",)))
    for_all = plan_for_all(edition)
    for_one = plan_variant(edition, categories=frozenset({"Culture"}), since_seq=0)
    assert for_one is not None
    assert sections_of(for_all) == {"Security": [1], "Culture": [2]}
    assert sections_of(for_one) == {"Culture": [1, 2]}


def test_a_section_is_capped_and_keeps_the_rest_as_more() -> None:
    variant = plan_for_all(edition_of(*(sample_story(i) for i in range(1, 8)), cap=3))
    (section,) = variant.sections
    assert variant.lead is not None
    assert [variant.lead.post_id, *ids(section.stories)] == [1, 2, 3]
    assert ids(section.more) == [4, 5, 6, 7]
    assert variant.count == 3


def test_two_stories_are_too_few_for_a_lead() -> None:
    assert plan_for_all(edition_of(sample_story(1), sample_story(2))).lead is None


def test_no_lead_is_taken_if_only_and_n_more_would_remain() -> None:
    stories = [
        sample_story(i, categories=(name,))
        for i, name in enumerate(("Security", "Security", "Economy", "Culture"), 1)
    ]
    variant = plan_for_all(edition_of(*stories, cap=1))
    assert variant.lead is None
    assert sections_of(variant) == {"Security": [1], "Economy": [3], "Culture": [4]}


def test_a_section_whose_only_story_leads_is_not_printed() -> None:
    lead = sample_story(1, categories=("Economy",))
    variant = plan_for_all(edition_of(lead, sample_story(2), sample_story(3)))
    assert sections_of(variant) == {"Security": [2, 3]}


def test_most_discussed_are_three_of_which_nobody_is_quoted() -> None:
    counts = [8, 2, 9, 1, 4, 4, 7, 3]
    stories = [sample_story(i, comment_count=n) for i, n in enumerate(counts, 1)]
    quoted = replace(stories[2], quotes=(sample_quote(1, "Ann", QUOTE),))
    variant = plan_for_all(edition_of(*stories[:2], quoted, *stories[3:], cap=9))
    assert ids(variant.most_discussed) == [7, 5, 6]


def test_a_story_below_the_top_has_one_short_quote() -> None:
    named = ("Ann", "Ben")
    said = tuple(
        replace(sample_quote(n, name, QUOTE * 3), short=QUOTE) for n, name in enumerate(named, 1)
    )
    stories = [sample_story(n, quotes=said) for n in (1, 2, 3)]
    variant = plan_for_all(replace(edition_of(*stories), quotes_per_story=1))
    assert variant.lead is not None
    assert [quote.text for quote in variant.lead.quotes] == [QUOTE * 3] * 2
    assert [quote.text for quote in variant.sections[0].stories[0].quotes] == [QUOTE]


def test_all_quotes_that_an_editor_picked_are_printed() -> None:
    picked = Reason(code=PICKED, text="picked by an editor")
    said = tuple(replace(sample_quote(n, f"N{n}", QUOTE), reason=picked) for n in (1, 2))
    stories = [sample_story(n, quotes=said) for n in (1, 2, 3)]
    variant = plan_for_all(replace(edition_of(*stories), quotes_per_story=1))
    assert len(variant.sections[0].stories[0].quotes) == 2


def test_a_section_shows_its_first_picture() -> None:
    pictured = [
        sample_story(n, image_url=f"https://a.example/{n}.jpg" if n > 2 else "")
        for n in range(1, 5)
    ]
    [section] = plan_for_all(edition_of(*pictured)).sections
    assert [story.image_url for story in section.stories] == ["", "https://a.example/3.jpg", ""]


@pytest.mark.parametrize(("beyond", "named", "counted"), [(1, 1, 0), (3, 3, 0), (4, 0, 4)])
def test_up_to_three_posts_beyond_the_cap_are_named(beyond: int, named: int, counted: int) -> None:
    variant = plan_for_all(edition_of(*map(sample_story, range(1, beyond + 4)), cap=3))
    [section] = variant.sections
    assert (len(section.titles), len(section.more)) == (named, counted)
    assert variant.count == 3 + named


def test_two_discussed_stories_make_no_list() -> None:
    counts = [1, 5, 5, 1]
    stories = (sample_story(i, comment_count=n) for i, n in enumerate(counts, 1))
    assert plan_for_all(edition_of(*stories)).most_discussed == ()


def test_subscribers_of_the_same_stories_share_a_variant() -> None:
    edition = sample_edition()
    named = plan_variant(edition, categories=frozenset(edition.categories), since_seq=90)
    assert named is not None
    assert named.key == plan_for_all(edition).key


def test_a_lead_without_its_picture_is_another_mail() -> None:
    stories = [sample_story(n, image_url="https://a.example/t.jpg") for n in (1, 2, 3)]
    large = replace(stories[0], lead_image_url="https://a.example/l.jpg")
    with_it, without = (
        plan_for_all(edition_of(first, *stories[1:]))
        for first in (large, replace(large, lead_image_url=""))
    )
    assert with_it.key != without.key
    assert with_it.key == plan_for_all(edition_of(*stories)).key


@pytest.mark.parametrize("change", ["stories", "quotes", "image", "more", "language", "size"])
def test_each_change_of_the_mail_changes_the_key(change: str) -> None:
    edition = edition_of(
        sample_story(1, image_url="https://a.example/a.jpg", quotes=(sample_quote(1, "A", "B"),)),
        sample_story(2),
        cap=1,
    )
    first, second = edition.stories
    other = {
        "stories": edition_of(second, cap=1),
        "quotes": edition_of(replace(first, quotes=()), second, cap=1),
        "image": edition_of(replace(first, image_url=""), second, cap=1),
        "more": edition_of(first, cap=1),
    }.get(change, edition)
    changed = plan_for_all(
        other,
        language="de" if change == "language" else "",
        text_size="large" if change == "size" else "normal",
    )
    assert changed.key != plan_for_all(edition).key
