from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import FeedSource, PostFilter
from digest.readers.posts.categories import file_post, matches_title, rules_hash
from tests.support.parsed import parsed_post
from tests.support.timing import least_seconds

URL = "https://harbour.example/feed"
MAP = (("Port Security", ("Security",)), ("Markets", ("Economy", "Money")))
EVERY = FeedSource(url=URL, categories=("Sea",))
MAPPED = replace(EVERY, map=MAP)
MAPPED_ONLY = replace(MAPPED, categories=())

SHIP = parsed_post(title="The ship", author="Anna Berg", feed_categories=("port  security", "Old"))
MARKET = replace(SHIP, feed_categories=("MARKETS", "Port Security"))
OTHER = replace(SHIP, feed_categories=("Old",))
BARE = replace(SHIP, feed_categories=())


@pytest.mark.parametrize(
    ("rules", "post", "categories", "reason"),
    [
        (EVERY, SHIP, ("Sea",), "every post of this feed"),
        (replace(EVERY, categories=("Sea", "Air")), SHIP, ("Sea", "Air"), "every post"),
        (MAPPED, SHIP, ("Security",), "the feed files it under 'port  security'"),
        (MAPPED, MARKET, ("Economy", "Money", "Security"), "'MARKETS', 'Port Security'"),
        (MAPPED, OTHER, ("Sea",), "no entry of map matches"),
        (MAPPED, BARE, ("Sea",), "no entry of map matches"),
        (MAPPED_ONLY, SHIP, ("Security",), "the feed files it"),
        (MAPPED_ONLY, OTHER, (), "no entry of map matches, and there is no category"),
    ],
)
def test_a_post_is_filed_by_the_categories_of_its_feed(
    rules: FeedSource, post: object, categories: tuple[str, ...], reason: str
) -> None:
    filing = file_post(post, rules)  # type: ignore[arg-type]  # a parsed post
    assert filing.categories == categories
    assert reason in filing.reason


@pytest.mark.parametrize(
    ("chosen", "is_match"),
    [
        (PostFilter(category=("PORT SECURITY",)), True),
        (PostFilter(category=("Security",)), False),
        (PostFilter(author=("anna berg",)), True),
        (PostFilter(author=("Anna",)), False),
        (PostFilter(title=("ship",)), True),
        (PostFilter(title=("shi",)), False),
        (PostFilter(title=("the s*",)), True),
        (PostFilter(author=("Bert",), title=("ship",)), True),
        (PostFilter(author=("Bert",), category=("New",)), False),
    ],
)
def test_a_table_matches_posts_that_one_of_its_entries_matches(
    chosen: PostFilter, is_match: bool
) -> None:
    excluded = file_post(SHIP, replace(EVERY, exclude=chosen))
    included = file_post(SHIP, replace(EVERY, include=chosen))
    assert (excluded.categories == ()) is is_match
    assert (included.categories == ("Sea",)) is is_match


@pytest.mark.parametrize("name", ["Anna Berg", "ben lee", "Anna Berg, Ben Lee"])
def test_each_author_of_a_post_is_matched(name: str) -> None:
    post = parsed_post(author="Anna Berg, Ben Lee")
    filing = file_post(post, replace(EVERY, exclude=PostFilter(author=(name,))))
    assert filing.categories == ()


def test_excluded_posts_are_never_taken() -> None:
    rules = replace(
        MAPPED, include=PostFilter(title=("ship",)), exclude=PostFilter(author=("Anna Berg",))
    )
    filing = file_post(SHIP, rules)
    assert filing.categories == ()
    assert filing.reason == "left out: its author is 'Anna Berg'"


def test_an_excluded_post_has_a_reason() -> None:
    rules = replace(EVERY, include=PostFilter(title=("boat",)))
    assert file_post(SHIP, rules).reason == "left out: no entry of include matches"


@pytest.mark.parametrize(
    ("pattern", "title", "is_match"),
    [
        ("Sponsored:*", "Sponsored: a ship", True),
        ("sponsored:*", "SPONSORED: A SHIP", True),
        ("Sponsored:*", "Not Sponsored: a ship", False),
        ("*(video)", "The ship (Video)", True),
        ("week * in review", "Week 7 in review", True),
        ("*ship*", "Shipping", True),
        ("a*a", "a", False),
        ("a*b*c", "a-c-b", False),
        ("a*b*c", "a---c", False),
        ("open thread", "An Open  Thread!", True),
        ("open thread", "Open threads", False),
        ("top 1", "Top 10", False),
        ("C++", "Why C++ lasts", True),
        ("été", "L'ÉTÉ 2026", True),
        ("été", "étés", False),
        ("地震", "昨日の地震について", True),
        ("ship.", "ships", False),
        ("", "anything", False),
    ],
)
def test_titles_are_matched_by_words_or_by_stars(pattern: str, title: str, is_match: bool) -> None:
    assert matches_title(pattern, title) is is_match


@given(st.text("ab* (.+[", max_size=12), st.text("ab .(", max_size=20))
def test_no_pattern_raises(pattern: str, title: str) -> None:
    assert matches_title(pattern, title) in (True, False)


@pytest.mark.parametrize("pattern", ["*a" * 60 + "b", "a" * 120, "(a+)+$", "*".join("ab" * 40)])
def test_a_hostile_title_takes_no_time(pattern: str) -> None:
    assert least_seconds(lambda: matches_title(pattern, "a" * 1_000_000), under=0.5) < 0.5


def test_other_rules_have_another_hash() -> None:
    rules = (
        EVERY,
        MAPPED,
        MAPPED_ONLY,
        replace(EVERY, include=PostFilter(title=("x",))),
        replace(EVERY, exclude=PostFilter(title=("x",))),
        replace(EVERY, exclude=PostFilter(author=("x",))),
    )
    assert len({rules_hash(each) for each in rules}) == len(rules)
    assert rules_hash(EVERY) == rules_hash(replace(EVERY, has_comments=False))


def test_a_feed_may_fill_every_category_it_names() -> None:
    assert MAPPED.targets == {"Sea", "Security", "Economy", "Money"}
